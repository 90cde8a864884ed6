package dev.primacy.operator.instance;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority and the three certificates of a cluster, as the operator's Secrets hold them. */
record Certificates(String authority, Issued server, Issued replication, Issued operator) {

    /** PEM of the certificate and of its PKCS#8 key. */
    record Issued(String certificate, String key) {

        /** The key in the form that the JDBC driver reads. */
        byte[] der() {
            return Base64.getMimeDecoder().decode(key.replaceAll("-----[A-Z ]+-----", ""));
        }
    }

    static Certificates issue() {
        try {
            KeyPair keys = newKeys();
            X509Certificate authority = sign("CN=primacy test", keys, "CN=primacy test", keys, true);
            return new Certificates(
                    pem(authority),
                    issued("CN=orders", keys),
                    issued("CN=primacy_replica", keys),
                    issued("CN=primacy", keys));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Issued issued(String subject, KeyPair authority)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        KeyPair keys = newKeys();
        X509Certificate certificate = sign(subject, keys, "CN=primacy test", authority, false);
        return new Issued(pem(certificate), pem(new JcaPKCS8Generator(keys.getPrivate(), null)));
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static X509Certificate sign(
            String subject, KeyPair keys, String issuer, KeyPair authority, boolean isAuthority)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                        new X500Name(issuer),
                        BigInteger.valueOf(now.toEpochMilli()).add(BigInteger.valueOf(subject.hashCode() & 0xffff)),
                        Date.from(now.minus(Duration.ofHours(1))),
                        Date.from(now.plus(Duration.ofDays(1))),
                        new X500Name(subject),
                        keys.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(authority.getPrivate())));
    }

    private static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }
}
