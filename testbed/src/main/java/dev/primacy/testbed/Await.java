package dev.primacy.testbed;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what the cluster does by itself. */
final class Await {
    private static final Duration INTERVAL = Duration.ofMillis(250);

    private Await() {}

    /** @throws TestbedException when it does not come about */
    static void until(Duration deadline, String what, BooleanSupplier condition) {
        if (!within(deadline, condition)) {
            throw new TestbedException("Waited %d s in vain until %s".formatted(deadline.toSeconds(), what));
        }
    }

    /** Whether it came about. */
    static boolean within(Duration deadline, BooleanSupplier condition) {
        long end = System.nanoTime() + deadline.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            try {
                Thread.sleep(INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TestbedException("interrupted", e);
            }
        }
        return true;
    }
}
