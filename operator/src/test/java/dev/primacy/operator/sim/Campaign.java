package dev.primacy.operator.sim;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Many seeds, on all cores. */
final class Campaign implements Callable<Map<String, Long>> {
    private final long seeds;
    private final long first;
    private final Mutation mutation;
    private final Coverage coverage = new Coverage();

    /** The first seed that breaks an invariant, and what is thrown then. */
    private record Failure(long seed, Throwable why) {}

    private @Nullable Failure failure;

    private Campaign(long seeds, long first, Mutation mutation) {
        this.seeds = seeds;
        this.first = first;
        this.mutation = mutation;
    }

    /** For who loads this class anew, and can speak to it only through what both know. */
    @SuppressWarnings("unused") // by reflection
    static Callable<Map<String, Long>> of(long seeds, long first, String mutation) {
        return new Campaign(seeds, first, Mutation.valueOf(mutation));
    }

    /** @throws AssertionError with the first seed that breaks an invariant, and how to replay it */
    static Map<String, Long> run(long seeds, long first, Mutation mutation) {
        return new Campaign(seeds, first, mutation).call();
    }

    @Override
    public Map<String, Long> call() {
        AtomicLong next = new AtomicLong(first);
        List<CountingThread> threads = IntStream.range(0, Runtime.getRuntime().availableProcessors())
                .mapToObj(core -> new CountingThread(() -> work(next)))
                .toList();
        threads.forEach(Thread::start);
        threads.forEach(Campaign::join);
        Failure found = failure;
        if (found != null) {
            throw new AssertionError(
                    "seed " + found.seed() + " breaks " + found.why().getMessage()
                            + "; replay it with ./dev test sim --seed " + found.seed(),
                    found.why());
        }
        return new TreeMap<>(coverage.counts());
    }

    private void work(AtomicLong next) {
        Coverage mine = new Coverage();
        for (long seed = next.getAndIncrement(); seed < first + seeds && !isOver(seed); seed = next.getAndIncrement()) {
            Simulation simulation = new Simulation(seed, mutation);
            try {
                mine.add(simulation.run());
                mine.add("events", simulation.time.steps);
            } catch (RuntimeException | LinkageError e) {
                failed(seed, e);
            }
            CountingThread.endOfSeed();
        }
        synchronized (this) {
            coverage.add(mine);
        }
    }

    private synchronized boolean isOver(long seed) {
        return failure != null && failure.seed() < seed;
    }

    private synchronized void failed(long seed, Throwable why) {
        if (!isOver(seed)) {
            failure = new Failure(seed, why);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
