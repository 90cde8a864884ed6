package dev.primacy.testbed;

import java.security.SecureRandom;
import java.util.stream.Collectors;

/** Makes tokens of the form that Kubernetes has for joining nodes: {@code [a-z0-9]{6}.[a-z0-9]{16}}. */
final class JoinToken {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

    private JoinToken() {}

    static String random() {
        SecureRandom random = new SecureRandom();
        return letters(random, 6) + "." + letters(random, 16);
    }

    private static String letters(SecureRandom random, int count) {
        return random.ints(count, 0, ALPHABET.length())
                .mapToObj(i -> ALPHABET.substring(i, i + 1))
                .collect(Collectors.joining());
    }
}
