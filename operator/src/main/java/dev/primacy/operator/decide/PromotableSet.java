package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Leave;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Probe;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * P, the primary and those who may be promoted without proof that it is dead. A change goes in three steps, so that the facts
 * always list every P that may be in force on the primary: write {old, new}, tell the primary, write {new}.
 */
final class PromotableSet {

    static List<String> wanted(ClusterView cluster, MemberView member, Probe.Primary primary, Now now) {
        if (primary.solo()) {
            return List.of(member.name()); // it may start as primary by itself, so nobody else may be promoted
        }
        List<String> leaving = Membership.leaving(cluster);
        Set<String> inForce = new TreeSet<>(primary.promotable());
        Set<String> streaming = new TreeSet<>();
        primary.followers().stream()
                .filter(Probe.Follower::streaming)
                .forEach(follower -> streaming.add(follower.member()));
        return cluster.members().stream()
                .filter(candidate -> cluster.facts().members().contains(candidate.name()))
                .filter(candidate -> !leaving.contains(candidate.name()))
                .filter(candidate -> candidate.name().equals(member.name())
                        || joins(candidate, streaming)
                        || (inForce.contains(candidate.name()) && stays(candidate, cluster, now)))
                .map(MemberView::name)
                .toList();
    }

    /** Whether all members, and only they, are in force as P: whoever of them is lost, the others can go on. */
    static boolean isWhole(Facts facts) {
        return facts.members().size() == 1
                || (facts.promotable().size() == 1
                        && Set.copyOf(facts.promotable().getFirst()).equals(Set.copyOf(facts.members())));
    }

    private static boolean joins(MemberView candidate, Set<String> streaming) {
        return streaming.contains(candidate.name()) && candidate.standby() != null;
    }

    private static boolean stays(MemberView candidate, ClusterView cluster, Now now) {
        return Silence.of(candidate, cluster, now).compareTo(Timing.LEAVES_PROMOTABLE_AFTER) < 0;
    }

    static Optional<Facts> record(Facts facts, ClusterView cluster, MemberView member, Probe.Primary primary, Now now) {
        List<String> told = primary.promotable();
        List<List<String>> listed = cluster.facts().promotable();
        if (!told.isEmpty() && !listed.contains(told)) {
            // Adopted data: what is in force was decided before these facts.
            return Optional.of(facts.withPromotable(Listed.with(listed, told)));
        }
        List<String> wanted = wanted(cluster, member, primary, now);
        boolean inForce =
                told.equals(wanted) && primary.epoch() == cluster.facts().epoch();
        return Listed.step(facts, listed, wanted, inForce, Facts::withPromotable);
    }

    /**
     * Tells the primary, once the facts list it. More peers ask for more of them to stream, and the script has yet to see those
     * that are new: it is told while a grant bridges that, lest an operator that has just taken over fences a healthy primary.
     */
    static Optional<Action> tell(ClusterView cluster, MemberView member, Probe.Primary primary, Now now) {
        List<String> wanted = wanted(cluster, member, primary, now);
        boolean grows = !primary.promotable().containsAll(wanted);
        return primary.promotable().equals(wanted)
                        || !cluster.facts().promotable().contains(wanted)
                        || (grows && !isGranted(member, now))
                ? Optional.empty()
                : Optional.of(new Action.SetPromotable(member.name(), wanted));
    }

    /** Lately, by a probe that was answered: so its text stands there for the script to read. */
    private static boolean isGranted(MemberView member, Now now) {
        return member.lastGrant() != null
                && member.lastAnswered() != null
                && member.lastAnswered().compareTo(member.lastGrant()) > 0
                && now.monotonic().minus(member.lastGrant()).compareTo(Leave.GRANT_TTL.dividedBy(2)) < 0;
    }

    private PromotableSet() {}
}
