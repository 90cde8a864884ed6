package dev.primacy.e2e.harness;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority of a user's own, as cert-manager or a company would have. */
public record Authority(X509Certificate certificate, KeyPair keys) {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** @param pem the certificate, and key its private key, as a kubernetes.io/tls Secret has them */
    public record Issued(String pem, String key) {}

    public static Authority create(String name, Duration life) {
        try {
            KeyPair keys = newKeys();
            var subject = new X500Name("CN=" + name);
            var builder = builder(subject, subject, keys, life)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            return new Authority(
                    new JcaX509CertificateConverter()
                            .getCertificate(builder.build(
                                    new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate()))),
                    keys);
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A server certificate for these names. */
    public Issued issue(String commonName, Duration life, List<String> names) {
        try {
            KeyPair pair = newKeys();
            GeneralName[] alternatives = names.stream()
                    .map(name -> new GeneralName(GeneralName.dNSName, name))
                    .toArray(GeneralName[]::new);
            var builder = builder(
                            new X500Name(certificate.getSubjectX500Principal().getName()),
                            new X500Name("CN=" + commonName),
                            pair,
                            life)
                    .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
            return new Issued(
                    pem(new JcaX509CertificateConverter()
                            .getCertificate(builder.build(
                                    new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate())))),
                    pem(pair.getPrivate()));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public String pem() {
        return pem(certificate);
    }

    public String key() {
        return pem(keys.getPrivate());
    }

    /** A file with the certificate. */
    public String file() {
        return Cluster.file(pem());
    }

    private static JcaX509v3CertificateBuilder builder(X500Name issuer, X500Name subject, KeyPair keys, Duration life) {
        Instant now = Instant.now();
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(64, RANDOM),
                Date.from(now.minusSeconds(60)),
                Date.from(now.plus(life)),
                subject,
                keys.getPublic());
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static String pem(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
