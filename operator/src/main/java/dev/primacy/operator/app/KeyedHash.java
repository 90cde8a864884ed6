package dev.primacy.operator.app;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names secret texts so that this process notices when they change: the first 128 bits of HMAC-SHA-256 in hexadecimal, under a random key that never leaves
 * it. The name finds its way into logs, and nobody who reads them may try passwords against it.
 */
final class KeyedHash {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_LENGTH = 32;

    private final SecretKeySpec key;

    KeyedHash() {
        byte[] random = new byte[KEY_LENGTH];
        new SecureRandom().nextBytes(random);
        key = new SecretKeySpec(random, ALGORITHM);
    }

    /** Texts are separated, so that ("ab", "c") and ("a", "bc") differ. */
    String of(String... texts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            for (String text : texts) {
                mac.update(text.getBytes(StandardCharsets.UTF_8));
                mac.update((byte) 0);
            }
            return HexFormat.of().formatHex(mac.doFinal(), 0, 16);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
