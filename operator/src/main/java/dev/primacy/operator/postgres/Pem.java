package dev.primacy.operator.postgres;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.util.io.pem.PemGenerationException;

/**
 * Certificates and keys as text. Keys are read in every form in which cert-manager and openssl write them (PKCS#8, PKCS#1,
 * SEC1), which the JDK alone does not.
 */
public final class Pem {
    private Pem() {}

    /** @throws IllegalArgumentException if there is no certificate in the text, or one is damaged */
    public static List<X509Certificate> certificates(String pem) {
        List<X509Certificate> found = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                if (object instanceof X509CertificateHolder holder) {
                    found.add(converter.getCertificate(holder));
                }
            }
        } catch (IOException | CertificateException | RuntimeException e) {
            // What is not base64 between the markers is an unchecked exception of the parser's.
            throw new IllegalArgumentException("not a PEM certificate: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no PEM certificate in the text");
        }
        return found;
    }

    /** @throws IllegalArgumentException if there is no unencrypted private key in the text; never names its content */
    public static PrivateKey privateKey(String pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                switch (object) {
                    case PEMKeyPair pair -> {
                        return converter.getPrivateKey(pair.getPrivateKeyInfo());
                    }
                    case PrivateKeyInfo info -> {
                        return converter.getPrivateKey(info);
                    }
                    default -> {} // EC PARAMETERS stand before a SEC1 key
                }
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("not a PEM private key that can be read without a passphrase", e);
        }
        throw new IllegalArgumentException("no unencrypted PEM private key in the text");
    }

    public static String write(X509Certificate certificate) {
        return writeObject(certificate);
    }

    /** As PKCS#8, which every client reads. */
    public static String write(PrivateKey key) {
        try {
            return writeObject(new JcaPKCS8Generator(key, null));
        } catch (PemGenerationException e) {
            throw new IllegalArgumentException("the private key cannot be written", e);
        }
    }

    private static String writeObject(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
