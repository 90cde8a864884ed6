package dev.primacy.e2e.harness;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.core.ConditionTimeoutException;

/** What holds whatever happens: no acknowledged write is lost, no two members take writes, copies are alike. */
final class Promises {
    private static final Path BROKEN = Path.of("target", "broken-promises.txt");

    /** A test may get a second try, a broken promise not: {@code ./dev test} fails for what is written here. */
    static void hold(String title, Runnable promises) {
        try {
            promises.run();
        } catch (AssertionError | ConditionTimeoutException e) {
            try {
                Files.writeString(BROKEN, title + ": " + e.getMessage() + "\n", CREATE, APPEND);
            } catch (IOException unwritten) {
                e.addSuppressed(unwritten);
            }
            throw e;
        }
    }

    private Promises() {}
}
