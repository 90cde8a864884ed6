package dev.primacy.operator.sim;

import java.util.Arrays;

/**
 * A thread of the simulation that counts the branches it takes, for itself, so that no count gets lost and none waits. The one class that
 * the counted code, in another package and loader, and who asks share.
 */
public final class CountingThread extends Thread {
    private static final int MOST = 1 << 14;

    private static final long[] TIMES = new long[MOST];
    private static final int[] SEEDS = new int[MOST];
    /** What this thread took since the last seed. */
    private final long[] taken = new long[MOST];

    public CountingThread(Runnable work) {
        super(work);
    }

    /** Called by what {@link Branches} adds. */
    public static void hit(int number) {
        ((CountingThread) currentThread()).taken[number]++;
    }

    /** Adds up what the seed took that has just been run. */
    public static void endOfSeed() {
        long[] taken = ((CountingThread) currentThread()).taken;
        synchronized (TIMES) {
            for (int number = 0; number < MOST; number++) {
                if (taken[number] > 0) {
                    TIMES[number] += taken[number];
                    SEEDS[number]++;
                }
            }
        }
        Arrays.fill(taken, 0);
    }

    static long times(int number) {
        synchronized (TIMES) {
            return TIMES[number];
        }
    }

    /** In how many seeds it was taken. */
    static int seeds(int number) {
        synchronized (TIMES) {
            return SEEDS[number];
        }
    }
}
