package dev.primacy.operator.postgres;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Questions about certificates in PEM. */
public final class Certificates {
    /** GeneralName of the kind dNSName (RFC 5280, 4.2.1.6). */
    private static final int DNS_NAME = 2;

    private Certificates() {}

    /** What is wrong with a certificate and its key, in words; empty if nothing is. */
    public static Optional<String> fault(String certificate, String key, Instant now) {
        List<X509Certificate> chain;
        PrivateKey privateKey;
        try {
            chain = Pem.certificates(certificate);
            privateKey = Pem.privateKey(key);
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        X509Certificate first = chain.getFirst();
        if (first.getNotAfter().toInstant().isBefore(now)) {
            return Optional.of(
                    "its certificate has expired at " + first.getNotAfter().toInstant());
        }
        return belongs(first.getPublicKey(), privateKey)
                ? Optional.empty()
                : Optional.of("its private key does not belong to its certificate");
    }

    /**
     * Why nothing may be issued by a readable certificate, in words; empty if it may. OpenSSL ends a chain at a root alone: PostgreSQL and
     * libpq do not set X509_V_FLAG_PARTIAL_CHAIN, so that who trusts an intermediate authority lets in nobody whom it certifies.
     */
    public static Optional<String> authorityFault(String certificate) {
        X509Certificate first = Pem.certificates(certificate).getFirst();
        if (first.getBasicConstraints() < 0) {
            return Optional.of("its certificate is no certificate authority; give one with basicConstraints CA:TRUE");
        }
        return signed(first, first)
                ? Optional.empty()
                : Optional.of("its certificate is issued by " + first.getIssuerX500Principal()
                        + ", and PostgreSQL trusts no intermediate authority; give a root (self-signed) authority, made for"
                        + " this cluster alone");
    }

    /** Every certificate of the texts once, in order. */
    public static List<X509Certificate> all(Collection<String> texts) {
        Set<X509Certificate> found = new LinkedHashSet<>();
        for (String text : texts) {
            found.addAll(parsed(text));
        }
        return List.copyOf(found);
    }

    public static List<X509Certificate> parsed(String text) {
        try {
            return Pem.certificates(text);
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    public static boolean signed(X509Certificate authority, X509Certificate certificate) {
        try {
            certificate.verify(authority.getPublicKey());
            return authority.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    public static Set<String> names(X509Certificate certificate) {
        Set<String> names = new TreeSet<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            for (List<?> alternative : alternatives == null ? List.<List<?>>of() : alternatives) {
                if (alternative.getFirst() instanceof Integer kind && kind == DNS_NAME) {
                    names.add(String.valueOf(alternative.get(1)));
                }
            }
        } catch (CertificateParsingException e) {
            return Set.of();
        }
        return names;
    }

    public static Instant end(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant();
    }

    /** At two thirds of its life: of what it is given here, or of its own where somebody else made it for a shorter one. */
    public static Instant renewal(X509Certificate certificate, Duration life) {
        Duration own = Duration.between(certificate.getNotBefore().toInstant(), end(certificate));
        Duration shorter = own.compareTo(life) < 0 ? own : life;
        return end(certificate).minus(shorter.dividedBy(3));
    }

    public static String pem(Collection<X509Certificate> certificates) {
        List<String> texts = new ArrayList<>();
        certificates.forEach(certificate -> texts.add(Pem.write(certificate)));
        return String.join("", texts);
    }

    private static boolean belongs(PublicKey publicKey, PrivateKey privateKey) {
        try {
            Signature signature =
                    Signature.getInstance(privateKey instanceof ECKey ? "SHA256withECDSA" : "SHA256withRSA");
            byte[] text = {1, 2, 3};
            signature.initSign(privateKey);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
