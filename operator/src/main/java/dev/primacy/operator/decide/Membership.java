package dev.primacy.operator.decide;

import dev.primacy.api.v1.DeletionPolicy;
import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.StatefulSetView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** {@code spec.instances} up and down: lowest free ordinals are added, highest first are removed, never the primary. */
final class Membership implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        Facts facts = cluster.facts();
        if (facts.primary() == null || cluster.spec().paused()) {
            return Optional.empty();
        }
        int wanted = cluster.spec().instances();
        int there = facts.members().size();
        if (there < wanted) {
            return Optional.of(grow(cluster, wanted));
        }
        // Nobody goes while somebody is awaited: that may last, and what is asked for meanwhile may be what ends it.
        return there > wanted
                ? leaving(cluster).stream().findFirst().flatMap(victim -> shrink(cluster, victim))
                : Optional.empty();
    }

    /** Its pod was told to go, on a node that cannot carry that out; nothing counts on it any more, and nothing waits for it. */
    static boolean isStuck(MemberView member) {
        PodView pod = member.pod();
        return pod != null && pod.deleting() && pod.nodeState().isLost();
    }

    /** The members that are to go, the first to go first; nobody, while commits would then wait for one that is away. */
    static List<String> leaving(ClusterView cluster) {
        List<String> surplus = surplus(cluster);
        return awaited(surplus, cluster).isEmpty() ? surplus : List.of();
    }

    /** What a person is told while nobody goes, though somebody is to. */
    static Optional<String> held(ClusterView cluster) {
        List<String> surplus = surplus(cluster);
        return Optional.of(awaited(surplus, cluster))
                .filter(awaited -> !awaited.isEmpty())
                .map(awaited -> String.join(", ", surplus) + " stays until " + String.join(", ", awaited)
                        + " streams, since commits would wait for that");
    }

    /**
     * Required durability: those of the standbys that stay who do not stream, if without the others too few do. Whom commits do not
     * count on any more is not taken back for that.
     */
    private static List<String> awaited(List<String> surplus, ClusterView cluster) {
        Replication replication = cluster.spec().replication();
        SynchronousSet newest = cluster.facts().synchronous().isEmpty()
                ? SynchronousSet.NONE
                : cluster.facts().synchronous().getLast();
        boolean leftAlready =
                !newest.standbys().isEmpty() && newest.standbys().stream().noneMatch(surplus::contains);
        if (surplus.isEmpty()
                || leftAlready
                || replication.mode() != Replication.Mode.Synchronous
                || replication.durability() != Replication.Durability.Required) {
            return List.of();
        }
        Probe.Primary primary = cluster.primary().map(MemberView::primary).orElse(null);
        List<String> staying = cluster.facts().members().stream()
                .filter(member -> !member.equals(cluster.facts().primary()) && !surplus.contains(member))
                .toList();
        List<String> away = staying.stream()
                .filter(member -> primary == null || !counts(member, cluster, primary))
                .toList();
        int number = Math.min(replication.synchronousStandbys(), staying.size());
        return staying.size() - away.size() < number ? away : List.of();
    }

    private static boolean counts(String member, ClusterView cluster, Probe.Primary primary) {
        return primary.streamsTo(member)
                && cluster.member(member)
                        .filter(view -> SynchronousReplication.mayCount(view, primary))
                        .isPresent();
    }

    private static List<String> surplus(ClusterView cluster) {
        Facts facts = cluster.facts();
        int surplus = facts.members().size() - cluster.spec().instances();
        if (surplus <= 0 || cluster.spec().paused()) {
            return List.of();
        }
        return facts.members().stream()
                .filter(member -> !member.equals(facts.primary()))
                .sorted(Comparator.comparingInt(cluster.names()::ordinal).reversed())
                .limit(surplus)
                .toList();
    }

    /** A member of one may start as primary by itself; that leave is taken back before there is a second. */
    private static Step grow(ClusterView cluster, int wanted) {
        String primary = cluster.facts().primary();
        MemberView member = cluster.primary().orElse(null);
        if (cluster.facts().members().size() == 1) {
            if (member == null || !(member.probe() instanceof Probe.Primary seen)) {
                return Step.Act.of(Phase.Scaling, "the primary, to be told that it is not alone any more", List.of());
            }
            if (seen.solo()) {
                return Step.Act.of(
                        Phase.Scaling,
                        "the primary, to be told that it is not alone any more",
                        new Action.SetSolo(member.name(), false));
            }
        }
        List<String> members = new ArrayList<>(cluster.facts().members());
        IntStream.iterate(1, ordinal -> ordinal + 1)
                .mapToObj(cluster.names()::member)
                .filter(name -> !members.contains(name))
                .limit(wanted - members.size())
                .toList()
                .forEach(members::add);
        members.sort(Comparator.comparingInt(cluster.names()::ordinal));
        List<String> added = members.stream()
                .filter(name -> !cluster.facts().members().contains(name))
                .toList();
        // From one to more: an order to put the solo flag may still be on its way; a new epoch ends its session.
        Facts facts = cluster.facts().members().size() == 1 ? Takeover.raised(cluster) : cluster.facts();
        return new Step.Recorded(
                facts.withMembers(members),
                Event.normal("ScalingUp", "Adding " + String.join(", ", added) + "; " + primary + " is the primary"));
    }

    private static Optional<Step> shrink(ClusterView cluster, String victim) {
        Facts facts = cluster.facts();
        boolean mayStillBePromoted = facts.promotable().stream().anyMatch(set -> set.contains(victim));
        boolean mayStillBeWaitedFor =
                facts.synchronous().stream().anyMatch(set -> set.standbys().contains(victim) && set.number() > 0);
        // Of several sets one may be that with which the victim itself reigned: only its vote speaks for what it
        // acknowledged.
        boolean mayHaveReigned = facts.synchronous().size() > 1;
        if (mayStillBePromoted || mayStillBeWaitedFor || mayHaveReigned) {
            return Optional.of(Step.Act.of(
                    Phase.Scaling, victim + " to leave the set that commits or failovers count on", List.of()));
        }
        MemberView member = cluster.member(victim).orElse(null);
        if (member == null || (member.pod() == null && member.statefulSet() == null)) {
            return Optional.of(new Step.Recorded(
                    facts.withMembers(facts.members().stream()
                            .filter(name -> !name.equals(victim))
                            .toList()),
                    Event.normal("MemberRemoved", victim + " is gone")));
        }
        if (member.statefulSet() == null && isStuck(member)) {
            return Optional.empty();
        }
        return Optional.of(Step.Act.of(
                        Phase.Scaling,
                        victim + " to be removed",
                        removal(member, cluster.spec().deletionPolicy() == DeletionPolicy.Delete))
                .saying(Event.normal("ScalingDown", "Removing " + victim)));
    }

    private static Action removal(MemberView victim, boolean withClaim) {
        StatefulSetView statefulSet = victim.statefulSet();
        ClaimView claim = withClaim ? victim.claim() : null;
        return new Action.RemoveMember(
                victim.name(), statefulSet == null ? null : statefulSet.uid(), claim == null ? null : claim.uid());
    }
}
