package dev.primacy.e2e.harness;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/** Assertions that must come true, not be true at once. */
public final class Eventually {
    private static final Duration INTERVAL = Duration.ofMillis(100);

    /** {@code -Dprimacy.patience=3} waits three times as long, on a machine that is busy with other things. */
    private static final int FACTOR = Integer.getInteger("primacy.patience", 1);

    private Eventually() {}

    static Duration patiently(Duration patience) {
        return patience.multipliedBy(FACTOR);
    }

    /** Repeats the assertion until it holds; whatever it throws meanwhile counts as "not yet". */
    public static void within(Duration patience, String what, ThrowingRunnable assertion) {
        Awaitility.await(what)
                .atMost(patiently(patience))
                .pollDelay(Duration.ZERO)
                .pollInterval(INTERVAL)
                .ignoreExceptions()
                .untilAsserted(assertion);
    }

    public static void soon(String what, ThrowingRunnable assertion) {
        within(Cluster.PATIENCE, what, assertion);
    }

    /** Repeats the assertion for a while; it must hold every time. */
    public static void throughout(Duration time, String what, ThrowingRunnable assertion) {
        long end = System.nanoTime() + time.toNanos();
        do {
            try {
                assertion.run();
                Thread.sleep(INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            } catch (Throwable e) {
                throw new AssertionError("not all the time: " + what, e);
            }
        } while (System.nanoTime() < end);
    }
}
