package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.SystemId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Rules 5 and 6: who is promoted, and onto which timeline. */
final class Election {

    /**
     * Rule 5: the voter that is furthest ahead. A later timeline than the last primary's is that of an order whose promotion was not seen:
     * who was told may have reigned, and standbys that still named it have followed it. Of equals one whose node is not vouched to be off,
     * then the old primary, since nothing has to move; then one whose node is not about to go. Nobody without room is among them (rule
     * 13): a vote is written down, and so is the epoch of who comes back.
     */
    static Optional<MemberView> candidate(ClusterView cluster, Stream<MemberView> eligible) {
        return eligible.filter(member -> isOfThisCluster(member, cluster.facts()))
                .max(Comparator.comparing(Election::position)
                        .thenComparing(member -> !OutOfService.covers(member))
                        .thenComparing(
                                member -> member.name().equals(cluster.facts().primary()))
                        .thenComparing(Election::onSteadyNode)
                        .thenComparingInt(member -> -cluster.names().ordinal(member.name())));
    }

    /** Rule 6: a timeline that nobody can have used. */
    static int freshTimeline(ClusterView cluster) {
        return greatestTimeline(cluster) + 1;
    }

    /** Where the status was lost, members know of more promotions than the facts do. */
    static int greatestTimeline(ClusterView cluster) {
        return Math.max(cluster.facts().maxTimeline(), shownTimeline(cluster));
    }

    /** The latest timeline on which a member of this cluster is seen. */
    static int shownTimeline(ClusterView cluster) {
        SystemId systemId = cluster.facts().systemId();
        return cluster.members().stream()
                .map(MemberView::answered)
                .filter(Objects::nonNull)
                .filter(answered ->
                        systemId == null || systemId.equals(answered.identity().systemId()))
                .mapToInt(answered -> answered.position().timeline())
                .max()
                .orElse(0);
    }

    /**
     * Writes the choice down: the target, the volume that it is seen on (should it fall silent, it is by this one that it is known again), its
     * timeline, and the sets with which it starts as primary – alone in P, so that it is
     * not fenced before anybody follows it – beside those that may still be in force elsewhere. It is promoted in the container in
     * which it was chosen or not at all, so that the end of that one is a proof (rule 3).
     */
    static Facts chosen(ClusterView cluster, Facts facts, Intent intent, String target, Instant at) {
        List<String> alone = List.of(target);
        SynchronousSet first = SynchronousReplication.afterPromotion(cluster, facts, intent, target);
        Facts seen = cluster.member(target)
                .filter(member -> member.answered() != null)
                .map(member -> Incarnation.seen(member, facts))
                .orElse(facts);
        return seen.withIntent(intent.choosing(target, freshTimeline(cluster), at))
                .withContainer(target, container(cluster, target))
                .withPromotable(Listed.with(facts.promotable(), alone))
                .withSynchronous(Listed.with(facts.synchronous(), first));
    }

    private static @Nullable String container(ClusterView cluster, String target) {
        return cluster.member(target)
                .map(MemberView::answered)
                .map(answered -> answered.identity().container())
                .orElse(null);
    }

    private static Position position(MemberView member) {
        return Objects.requireNonNull(member.position());
    }

    private static boolean isOfThisCluster(MemberView member, Facts facts) {
        return member.probe() instanceof Probe.Standby standby
                && (facts.systemId() == null
                        || facts.systemId().equals(standby.identity().systemId()));
    }

    private static boolean onSteadyNode(MemberView member) {
        PodView pod = member.pod();
        return pod != null && pod.nodeState() == PodView.NodeState.READY && !pod.deleting();
    }

    private Election() {}
}
