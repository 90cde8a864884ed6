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
    /** From the end of a look to the next a second passes at most ({@link MemberWatch#PERIOD}); after more, this process stood still. */
    private static final Duration LONGEST_REST = Duration.ofSeconds(3);

    /** One that opens a session is given up after four seconds ({@link dev.primacy.operator.postgres.Prober#probe}). */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(6);

    static Look first(Duration begun, Duration ended) {
        return new Look(begun, ended, begun);
    }

    Look then(Duration newBegun, Duration newEnded) {
        return new Look(newBegun, newEnded, unbroken(newBegun, newEnded));
    }

    private Duration unbroken(Duration newBegun, Duration newEnded) {
        if (newEnded.minus(newBegun).compareTo(LONGEST_LOOK) > 0) {
            return newEnded;
        }
        return newBegun.minus(ended).compareTo(LONGEST_REST) > 0 ? newBegun : unbrokenSince;
    }
}
