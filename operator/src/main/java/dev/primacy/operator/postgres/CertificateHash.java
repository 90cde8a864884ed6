package dev.primacy.operator.postgres;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names the content of the server's certificate files, here as PostgreSQL itself computes it from the files it sees. */
public final class CertificateHash {
    private CertificateHash() {}

    /**
     * @param certificate content of the file {@code tls.crt}
     * @param authority content of the file {@code ca.crt}
     * @return SHA-256 of both, one after the other, in hexadecimal
     */
    public static String of(String certificate, String authority) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(certificate.getBytes(StandardCharsets.UTF_8));
            digest.update(authority.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
