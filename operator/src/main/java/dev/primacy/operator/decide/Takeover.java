package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Probe;
import java.util.List;
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
        boolean behind =
                membersEpochs(cluster).anyMatch(epoch -> epoch > cluster.facts().epoch());
        if (ours && !behind) {
            return Optional.empty();
        }
        Optional<MemberView> reigning = behind ? reigning(cluster) : Optional.empty();
        if (reigning.isPresent()) {
            return Optional.of(takenUp(cluster, reigning.get(), now));
        }
        Facts raised = behind ? anew(cluster) : raised(cluster);
        Intent intent = raised.intent();
        // What the earlier process ordered may have happened, and be gone again: its timeline is not reserved any more.
        return Optional.of(new Step.Recorded(
                intent != null && intent.to() != null
                        ? raised.withIntent(intent.choosing(intent.to(), 0, now.wall()))
                        : raised));
    }

    /**
     * A primary that follows a newer epoch than the facts know, and whom most members follow: the status is one that was restored
     * from before its reign.
     */
    private static Optional<MemberView> reigning(ClusterView cluster) {
        return cluster.members().stream()
                .filter(member -> member.primary() != null
                        && member.primary().epoch() > cluster.facts().epoch()
                        && cluster.facts().members().contains(member.name())
                        && !member.name().equals(cluster.facts().primary())
                        && TakingUp.isFollowedByMost(member, cluster))
                .findFirst();
    }

    /** It stays primary, lest what it acknowledged be lost. */
    private static Step takenUp(ClusterView cluster, MemberView reigning, Now now) {
        String reason =
                reigning.name() + " reigns under a newer epoch than the status knows of, and most members follow it";
        String former = cluster.facts().primary();
        List<String> deposed = former == null ? List.of() : List.of(former);
        return new Step.Recorded(
                anew(cluster).withIntent(new Intent(Kind.Failover, deposed, reigning.name(), reason, now.wall())),
                Event.warning("StatusRestored", reason));
    }

    /**
     * For facts that are new, or older than what the members know: the timelines that were promoted meanwhile are not known either,
     * and who shows them may be silent (rule 6). But no promotion reserves a timeline more than two beyond its epoch – initdb is timeline
     * 1, the first epoch promotes it to 2, and each further reservation raises the epoch first – so that every one that an older epoch
     * can have reserved is passed over.
     */
    static Facts anew(ClusterView cluster) {
        Facts raised = raised(cluster);
        return raised.withTimelinesUpTo(Math.toIntExact(raised.epoch() + 1)).withoutContainers();
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
