package dev.primacy.operator.sim;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Many seeds, on all cores. */
final class Campaign {
    private Campaign() {}

    record Result(long seeds, long steps, double seconds, Coverage coverage) {
        @Override
        public String toString() {
            return String.format(
                    "%d seeds of %d s, %d events in %.1f s (%.1f million a second)%n%s",
                    seeds, Simulation.SECONDS, steps, seconds, steps / seconds / 1e6, coverage);
        }
    }

    /** @throws AssertionError with the first seed that breaks an invariant, and how to replay it */
    static Result run(long seeds, long first, Mutation mutation) {
        long begun = System.nanoTime();
        Coverage coverage = new Coverage();
        AtomicLong next = new AtomicLong(first);
        AtomicLong steps = new AtomicLong();
        AtomicLong failed = new AtomicLong(Long.MAX_VALUE);
        Throwable[] why = {null};
        IntStream.range(0, Runtime.getRuntime().availableProcessors())
                .mapToObj(core -> Thread.ofPlatform().start(() -> {
                    for (long seed = next.getAndIncrement();
                            seed < first + seeds && seed < failed.get();
                            seed = next.getAndIncrement()) {
                        Simulation simulation = new Simulation(seed, mutation, false);
                        try {
                            Coverage seen = simulation.run();
                            steps.addAndGet(simulation.time.steps);
                            synchronized (coverage) {
                                coverage.add(seen);
                            }
                        } catch (RuntimeException | LinkageError e) {
                            synchronized (coverage) {
                                if (seed < failed.get()) {
                                    failed.set(seed);
                                    why[0] = e;
                                }
                            }
                        }
                    }
                }))
                .toList()
                .forEach(Campaign::join);
        if (why[0] != null) {
            throw new AssertionError(
                    "seed " + failed.get() + " breaks " + why[0].getMessage()
                            + "; replay it with ./dev test sim --seed " + failed.get(),
                    why[0]);
        }
        return new Result(seeds, steps.get(), (System.nanoTime() - begun) / 1e9, coverage);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
