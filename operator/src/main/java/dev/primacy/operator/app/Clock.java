package dev.primacy.operator.app;

import dev.primacy.operator.model.Now;
import java.time.Duration;
import java.time.Instant;

/** The process's two clocks: the wall's, for people, and its own, which no one sets. */
final class Clock {
    private final long start = System.nanoTime();

    Duration monotonic() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    Now now() {
        return new Now(Instant.now(), monotonic());
    }
}
