package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import java.time.Duration;
import java.util.Optional;

/**
 * Nothing is decided by what was seen before this process stood still: whoever answered may be gone since, and whoever did not may have
 * come back. New looks take a moment.
 */
final class Awake implements Rule {
    private static final Duration LOOKS_AGAIN_WITHIN = Duration.ofMillis(500);

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        return cluster.members().stream().allMatch(member -> isFresh(member, now))
                ? Optional.empty()
                : Optional.of(new Step.NothingYet(LOOKS_AGAIN_WITHIN));
    }

    /** Whom there is no address to look at, nothing will be seen of. */
    private static boolean isFresh(MemberView member, Now now) {
        Duration limit = member.answered() == null ? Timing.VAIN_LOOK_FRESH : Timing.LOOK_FRESH;
        return member.probedAt() == null || member.wasSeenWithin(limit, now);
    }
}
