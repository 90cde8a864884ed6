package dev.primacy.operator.monitor;

import dev.primacy.operator.model.Probe;
import dev.primacy.operator.postgres.Connector;
import dev.primacy.operator.postgres.Endpoint;
import dev.primacy.operator.postgres.Grants;
import dev.primacy.operator.postgres.Prober;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one member, on a virtual thread of its own, so that one that hangs holds up nobody: every second, or five times a
 * second while it has just changed; ten times while it is expected to come up, twenty times in the first minute in which
 * clients wait for a primary; and at once when it is nudged.
 */
final class MemberWatch {
    private static final Logger LOG = LoggerFactory.getLogger(MemberWatch.class);

    static final Duration PERIOD = Duration.ofSeconds(1);
    static final Duration CHANGING = Duration.ofMillis(200);
    static final Duration COMING_UP = Duration.ofMillis(100);
    static final Duration HURRIED = Duration.ofMillis(50);
    static final Duration DEADLINE = Duration.ofSeconds(1);
    /** A cluster that is down for longer must not take the time of those that are well. */
    private static final Duration HURRY_LASTS = Duration.ofSeconds(60);

    /** For so long after its last answer a member is taken to be on its way up again, and one that never answered for so long. */
    static final Duration EXPECTED = Duration.ofSeconds(60);

    /** What has changed is likely to change again within this time. */
    private static final Duration SETTLES_WITHIN = Duration.ofSeconds(5);

    /** A process that has too little CPU for its looks must not spend it on saying so. */
    private static final Duration BREAKS_ARE_TOLD_EACH = Duration.ofSeconds(60);

    private static final Probe NOT_YET = new Probe.Unreachable("not looked at yet");

    private final Prober prober;
    private final Supplier<Duration> clock;
    private final Grants grants;
    private final Runnable changed;
    private final Semaphore nudges = new Semaphore(0);
    private final Thread thread;

    private volatile Endpoint endpoint;
    private volatile Pace pace = Pace.STEADY;
    private volatile Duration hurriedSince = Duration.ZERO;
    private volatile boolean stopped;
    private volatile @Nullable Seen seen;
    private @Nullable Duration breakToldAt;

    /** @param before what was known of the member under its former address; null if nothing */
    MemberWatch(
            Connector connector,
            Endpoint endpoint,
            Supplier<Duration> clock,
            Grants grants,
            Runnable changed,
            @Nullable Seen before) {
        this.endpoint = endpoint;
        this.clock = clock;
        this.grants = grants;
        this.changed = changed;
        this.seen = before;
        this.prober = new Prober(connector, endpoint, clock, this::nudge);
        this.thread =
                Thread.ofVirtual().name("primacy-watch-" + endpoint.member()).unstarted(this::watch);
    }

    void start() {
        thread.start();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Whether this watch serves for the endpoint too; if so it is the endpoint's, by this access, from now on. */
    boolean serves(Connector access, @Nullable Endpoint wanted) {
        if (wanted == null || !(endpoint.equals(wanted) || becomes(wanted))) {
            return false;
        }
        endpoint = wanted;
        prober.expect(access, wanted);
        return true;
    }

    private boolean becomes(Endpoint wanted) {
        Seen last = seen;
        return last != null
                && last.probe() instanceof Probe.Answered answered
                && endpoint.becomes(wanted, answered.identity().systemId());
    }

    /** Null until the first look ended. */
    @Nullable
    Seen seen() {
        return seen;
    }

    void at(Pace newPace) {
        boolean quicker = newPace == Pace.HURRIED && pace != Pace.HURRIED;
        if (quicker) {
            hurriedSince = clock.get();
        }
        pace = newPace;
        if (quicker) {
            nudge();
        }
    }

    /** Looks again without waiting for the next second. */
    void nudge() {
        nudges.release();
    }

    void stop() {
        stopped = true;
        synchronized (this) {
            notifyAll();
        }
        nudge();
    }

    /** A member that did not answer the last time is not waited for. */
    boolean answered() {
        Seen last = seen;
        return last != null && last.probe() instanceof Probe.Answered;
    }

    /** Waits until a look that began at {@code moment} or later has ended; false when the time is up first. */
    synchronized boolean awaitLookSince(Duration moment, Duration until) throws InterruptedException {
        while (!stopped && (seen == null || seen.begun().compareTo(moment) < 0)) {
            Duration left = until.minus(clock.get());
            if (!left.isPositive()) {
                return false;
            }
            wait(Math.max(1, left.toMillis()));
        }
        return true;
    }

    private void watch() {
        try {
            while (!stopped) {
                nudges.drainPermits();
                Duration begun = clock.get();
                record(look(), begun);
                rest(begun);
            }
        } finally {
            prober.close();
        }
    }

    /** A look that fails in a way that nobody foresaw shows nothing; but somebody has to look on, or nothing would be decided any more. */
    private Probe look() {
        try {
            return prober.probe(grants, DEADLINE);
        } catch (RuntimeException e) {
            LOG.error("Looking at {} failed", endpoint.member(), e);
            return new Probe.Unreachable("looking at it failed: " + e.getMessage());
        }
    }

    private void record(Probe probe, Duration begun) {
        Seen before = seen;
        Duration ended = clock.get();
        Look first = Look.first(begun, ended);
        Seen after = (before == null
                        ? new Seen(NOT_YET, first, null, begun, null, null, null, null, null, null, null)
                        : before)
                .then(probe, begun, ended);
        if (before != null && !after.watchedSince().equals(before.watchedSince())) {
            tellOfBreak(ended.minus(before.begun()), ended);
        }
        synchronized (this) {
            seen = after;
            notifyAll();
        }
        if ((before == null || after.isNewsAfter(before)) && !stopped) {
            changed.run();
        }
    }

    /** Nothing is decided meanwhile, which somebody may wonder at. */
    private void tellOfBreak(Duration since, Duration now) {
        if (breakToldAt == null || now.minus(breakToldAt).compareTo(BREAKS_ARE_TOLD_EACH) >= 0) {
            breakToldAt = now;
            LOG.warn(
                    "For {} s {} at {} was not looked at: this process stood still, or has too little CPU",
                    since.toSeconds(),
                    endpoint.member(),
                    endpoint.host());
        }
    }

    private void rest(Duration begun) {
        Duration wait = next(begun).minus(clock.get());
        if (wait.isPositive()) {
            try {
                boolean nudged = nudges.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS);
                if (nudged) {
                    return;
                }
            } catch (InterruptedException e) {
                stopped = true;
            }
        }
    }

    /**
     * All that are looked at once a second are looked at in the same moment: one wake-up serves them, and what is done for one after the
     * other is done quicker.
     */
    private Duration next(Duration begun) {
        Duration period = period(begun);
        return period.equals(PERIOD) ? begun.truncatedTo(ChronoUnit.SECONDS).plus(PERIOD) : begun.plus(period);
    }

    private Duration period(Duration now) {
        Seen last = seen;
        if (pace == Pace.HURRIED) {
            return now.minus(hurriedSince).compareTo(HURRY_LASTS) < 0 ? HURRIED : PERIOD;
        }
        return last == null ? PERIOD : period(last, pace, now);
    }

    /** While clients do not wait for a primary. What it was like before its silence may have been so for days. */
    static Duration period(Seen last, Pace pace, Duration now) {
        Duration unchanged = now.minus(last.since());
        Duration silent = last.lastAnswered() == null ? unchanged : now.minus(last.lastAnswered());
        if (!(last.probe() instanceof Probe.Answered) && silent.compareTo(EXPECTED) < 0) {
            return COMING_UP;
        }
        return pace == Pace.ATTENTIVE && unchanged.compareTo(SETTLES_WITHIN) < 0 ? CHANGING : PERIOD;
    }
}
