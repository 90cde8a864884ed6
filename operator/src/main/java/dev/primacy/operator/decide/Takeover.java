package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Probe;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Rule 1, epoch first: an operator process raises the epoch of a cluster before it does anything to it, so that whatever an
 * earlier process still has under way has no effect.
 */
final class Takeover implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        boolean ours =
                cluster.ownEpoch() != 0 && cluster.ownEpoch() == cluster.facts().epoch();
        if (ours
                && membersEpochs(cluster)
                        .allMatch(epoch -> epoch <= cluster.facts().epoch())) {
            return Optional.empty();
        }
        return Optional.of(new Step.Recorded(raised(cluster)));
    }

    /**
     * The claims' annotations count too, and what the members themselves keep: a status that was lost, or restored from a backup,
     * may be older than they are, and members refuse an older epoch for ever.
     */
    static Facts raised(ClusterView cluster) {
        long greatest = LongStream.concat(
                        membersEpochs(cluster),
                        Stream.concat(
                                        cluster.orphanClaims().stream(),
                                        cluster.members().stream().flatMap(member -> Stream.ofNullable(member.claim())))
                                .mapToLong(ClaimView::epoch))
                .reduce(cluster.facts().epoch(), Math::max);
        return cluster.facts().withEpoch(greatest + 1);
    }

    private static LongStream membersEpochs(ClusterView cluster) {
        return cluster.members().stream()
                .flatMap(member -> Stream.ofNullable(member.answered()))
                .mapToLong(Probe.Answered::epoch);
    }
}
