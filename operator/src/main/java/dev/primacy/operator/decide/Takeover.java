package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
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
    /**
     * How many epochs a status may have been ahead of everybody who tells of it when it was lost: an operator writes an epoch down
     * before a member can know it, and what it then ordered under it may still be under way.
     */
    private static final int UNSEEN_EPOCHS = 10;

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        if (greatestEpoch(cluster) > cluster.facts().epoch()) {
            return Optional.of(TakingUp.fromOlder(cluster, now));
        }
        if (cluster.ownEpoch() != 0 && cluster.ownEpoch() == cluster.facts().epoch()) {
            return Optional.empty();
        }
        Facts raised = raised(cluster);
        Intent intent = raised.intent();
        // What the earlier process ordered may have happened, and be gone again: its timeline is not reserved any more.
        return Optional.of(new Step.Recorded(
                intent != null && intent.to() != null
                        ? raised.withIntent(intent.choosing(intent.to(), 0, now.wall()))
                        : raised));
    }

    /**
     * For facts that are new, or older than what the members know: the timelines that were promoted meanwhile are not known either,
     * and who shows them may be silent (rule 6). But no promotion reserves a timeline more than two beyond its epoch – initdb is timeline
     * 1, the first epoch promotes it to 2, and each further reservation raises the epoch first – so that every one that an older epoch
     * can have reserved is passed over.
     */
    static Facts anew(ClusterView cluster) {
        Facts raised = raised(cluster);
        raised = raised.withEpoch(raised.epoch() + UNSEEN_EPOCHS);
        return raised.withTimelinesUpTo(Math.toIntExact(raised.epoch() + 1)).withoutContainers();
    }

    /** Beyond every epoch that anybody knows: members refuse an older one for ever. */
    static Facts raised(ClusterView cluster) {
        return cluster.facts().withEpoch(greatestEpoch(cluster) + 1);
    }

    /**
     * The claims' annotations count too, what the members themselves keep, and what this process has written down: a status that was
     * lost, or restored from a backup, may be older than they are.
     */
    private static long greatestEpoch(ClusterView cluster) {
        LongStream ofMembers = cluster.members().stream()
                .flatMap(member -> Stream.ofNullable(member.answered()))
                .mapToLong(Probe.Answered::epoch);
        LongStream ofClaims = Stream.concat(
                        cluster.orphanClaims().stream(),
                        cluster.members().stream().flatMap(member -> Stream.ofNullable(member.claim())))
                .mapToLong(ClaimView::epoch);
        return LongStream.concat(ofMembers, ofClaims)
                .reduce(Math.max(cluster.facts().epoch(), cluster.ownEpoch()), Math::max);
    }
}
