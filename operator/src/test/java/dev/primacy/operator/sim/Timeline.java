package dev.primacy.operator.sim;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Virtual time in milliseconds, what is to happen, and chance – all from one seed. */
final class Timeline {
    private final SplittableRandom random;
    private long[] at = new long[256];
    private Runnable[] what = new Runnable[256];
    private int size;
    private long order;
    long now;
    long steps;

    Timeline(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Events of one moment happen in the order in which they were scheduled: the low bits number them. */
    void after(long delay, Runnable event) {
        long key = ((now + Math.max(0, delay)) << 24) | (order++ & 0xFFFFFF);
        if (size == at.length) {
            at = Arrays.copyOf(at, size * 2);
            what = Arrays.copyOf(what, size * 2);
        }
        int i = size++;
        while (i > 0) {
            int parent = (i - 1) >>> 1;
            if (at[parent] <= key) {
                break;
            }
            at[i] = at[parent];
            what[i] = what[parent];
            i = parent;
        }
        at[i] = key;
        what[i] = event;
    }

    /** Lets the next event happen; false when there is none before {@code end}. */
    boolean step(long end) {
        if (size == 0 || at[0] >>> 24 > end) {
            return false;
        }
        now = at[0] >>> 24;
        Runnable event = what[0];
        long key = at[--size];
        Runnable last = what[size];
        int i = 0;
        while (true) {
            int child = 2 * i + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && at[child + 1] < at[child]) {
                child++;
            }
            if (at[child] >= key) {
                break;
            }
            at[i] = at[child];
            what[i] = what[child];
            i = child;
        }
        at[i] = key;
        what[i] = last;
        steps++;
        event.run();
        return true;
    }

    /** From {@code least} to {@code most}, both included. */
    long between(long least, long most) {
        return least >= most ? least : random.nextLong(least, most + 1);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }
}
