package dev.primacy.e2e;

import dev.primacy.e2e.harness.Authority;

/** Certificate authorities that no cluster knows. */
final class SelfSigned {
    private SelfSigned() {}

    /** A PEM file with the certificate of a new authority. */
    static String authorityFile(String name) {
        return Authority.create(name, java.time.Duration.ofDays(1)).file();
    }
}
