package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Now;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Rule 1, epoch first: an operator process raises the epoch of a cluster before it does anything to it, so that whatever an
 * earlier process still has under way has no effect.
 */
final class Takeover implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        if (cluster.ownEpoch() != 0 && cluster.ownEpoch() == cluster.facts().epoch()) {
            return Optional.empty();
        }
        return Optional.of(new Step.Recorded(raised(cluster)));
    }

    /** The claims' annotations count too: a status that was restored from a backup may be older than they are. */
    static Facts raised(ClusterView cluster) {
        long greatest = Stream.concat(
                        cluster.orphanClaims().stream(),
                        cluster.members().stream().flatMap(member -> Stream.ofNullable(member.claim())))
                .mapToLong(ClaimView::epoch)
                .reduce(cluster.facts().epoch(), Math::max);
        return cluster.facts().withEpoch(greatest + 1);
    }
}
