package dev.primacy.operator.sim;

import java.util.concurrent.atomic.AtomicLongArray;

/** How often each branch was taken; the one class that the counted code, in another package and loader, and who asks share. */
public final class BranchCounters {
    private static final AtomicLongArray COUNTS = new AtomicLongArray(1 << 14);

    private BranchCounters() {}

    /** Called by what {@link Branches} adds. Counts that get lost between threads do not matter, so that none waits. */
    public static void hit(int number) {
        COUNTS.setPlain(number, COUNTS.getPlain(number) + 1);
    }

    static long of(int number) {
        return COUNTS.get(number);
    }
}
