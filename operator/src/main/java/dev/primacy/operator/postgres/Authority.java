package dev.primacy.operator.postgres;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority: the operator's own, on the curve P-256, or one that the user gave, with an EC or RSA key.
 *
 * @param certificate its certificate as PEM
 * @param key its private key as PEM
 */
public record Authority(String certificate, String key) {
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Clocks of nodes differ a little; a certificate that is not yet valid would keep a new member out. */
    private static final Duration SKEW = Duration.ofMinutes(5);

    /** A certificate and its key, as PEM. */
    public record Issued(String certificate, String key) {
        @Override
        public String toString() {
            return "Issued[certificate and key]";
        }
    }

    public static Authority create(String commonName, Instant now, Duration life) {
        KeyPair pair = newKey();
        X500Principal name = new X500Principal("CN=" + commonName);
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name, serial(), Date.from(now.minus(SKEW)), Date.from(now.plus(life)), name, pair.getPublic());
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(pair.getPublic()));
            return new Authority(Pem.write(sign(builder, pair.getPrivate())), Pem.write(pair.getPrivate()));
        } catch (GeneralSecurityException | CertIOException | OperatorCreationException e) {
            throw new IllegalStateException("a certificate authority could not be made", e);
        }
    }

    /** @param names DNS names by which clients reach the server; a leading {@code *.} stands for one label */
    public Issued server(String commonName, List<String> names, Instant now, Duration life) {
        return issue(commonName, names, KeyPurposeId.id_kp_serverAuth, now, life);
    }

    /** @param role the PostgreSQL role that the certificate's common name stands for */
    public Issued client(String role, Instant now, Duration life) {
        return issue(role, List.of(), KeyPurposeId.id_kp_clientAuth, now, life);
    }

    /** A certificate never outlives the authority that signed it. */
    private Issued issue(String commonName, List<String> names, KeyPurposeId purpose, Instant now, Duration life) {
        X509Certificate authority = Pem.certificates(certificate).getFirst();
        KeyPair pair = newKey();
        Instant authorityEnd = authority.getNotAfter().toInstant();
        Instant end = now.plus(life).isBefore(authorityEnd) ? now.plus(life) : authorityEnd;
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    authority.getSubjectX500Principal(),
                    serial(),
                    Date.from(now.minus(SKEW)),
                    Date.from(end),
                    new X500Principal("CN=" + commonName),
                    pair.getPublic());
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(authority));
            if (!names.isEmpty()) {
                GeneralName[] alternatives = names.stream()
                        .map(name -> new GeneralName(GeneralName.dNSName, name))
                        .toArray(GeneralName[]::new);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
            }
            return new Issued(Pem.write(sign(builder, Pem.privateKey(key))), Pem.write(pair.getPrivate()));
        } catch (GeneralSecurityException | CertIOException | OperatorCreationException e) {
            throw new IllegalStateException("a certificate for " + commonName + " could not be made", e);
        }
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey signer)
            throws GeneralSecurityException, OperatorCreationException {
        String algorithm = signer instanceof ECKey ? "SHA256withECDSA" : "SHA256withRSA";
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(signer)));
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no P-256", e);
        }
    }

    private static BigInteger serial() {
        return new BigInteger(127, RANDOM).add(BigInteger.ONE);
    }

    @Override
    public String toString() {
        return "Authority[certificate and key]";
    }
}
