package dev.primacy.operator.monitor;

import java.time.Duration;

/**
 * When a member was looked at, on the operator's monotonic clock.
 *
 * @param begun when the newest look began
 * @param ended when it ended
 * @param unbrokenSince since when one look has followed the other. What was before that, and what was meanwhile, nobody saw
 */
record Look(Duration begun, Duration ended, Duration unbrokenSince) {
    /**
     * From the end of a look to that of the next: a second of rest, four for one that has to open a session
     * ({@link dev.primacy.operator.postgres.Prober#probe}). After twice that, this process stood still; one that does so again and again loses
     * its Lease, so that no patience is begun anew for ever.
     */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    static Look first(Duration begun, Duration ended) {
        return new Look(begun, ended, begun);
    }

    Look then(Duration newBegun, Duration newEnded) {
        boolean broken = newEnded.minus(ended).compareTo(LONGEST) > 0;
        return new Look(newBegun, newEnded, broken ? newEnded : unbrokenSince);
    }
}
