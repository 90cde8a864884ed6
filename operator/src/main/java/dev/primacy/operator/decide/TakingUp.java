package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Data is there and nobody knows who was its primary: the status is new, was lost, or is one that was restored and is older than what
 * the members know.
 */
final class TakingUp {

    /**
     * These are the cluster, and are asked who of them is to be its primary. Its commits may have waited for somebody, and may not have:
     * until its settings are seen under the new epoch, nobody's vote is known to hold them all.
     */
    static Facts of(List<String> members, String reason, ClusterView cluster, Now now) {
        return Takeover.anew(cluster)
                .withMembers(members)
                .withoutPrimary()
                .withPromotable(List.of())
                .withSynchronous(
                        Listed.with(List.of(Facts.SynchronousSet.NONE), SynchronousReplication.ofNobody(cluster)))
                .withIntent(new Intent(Kind.Bootstrap, List.of(), null, reason, now.wall()));
    }

    /** Whom the status calls primary may have been succeeded, by somebody of whom it does not know. */
    static Step fromOlder(ClusterView cluster, Now now) {
        String reason =
                "the status is older than what the members know, as if restored from a backup: every member is asked";
        Facts asked = of(cluster.members().stream().map(MemberView::name).toList(), reason, cluster, now);
        for (MemberView member : cluster.members()) {
            asked = asked.withIncarnation(
                    member.name(), mayHoldData(member, cluster.facts()) ? Incarnation.of(member) : null);
        }
        return new Step.Recorded(asked, Event.warning("StatusRestored", reason));
    }

    private static boolean mayHoldData(MemberView member, Facts facts) {
        boolean annotated = member.claim() != null && member.claim().systemId() != null;
        return annotated || (member.answered() != null && member.isAtHome()) || Incarnation.isRecorded(member, facts);
    }

    /** Retained data with no known primary: every copy is asked, since any may be the one that is ahead. */
    static Step elect(ClusterView cluster, Intent intent, Now now) {
        List<String> silent = cluster.members().stream()
                .filter(member -> member.answered() == null && !hasNothingToStart(member, cluster, now))
                .map(MemberView::name)
                .toList();
        List<MemberView> superseded = superseded(cluster);
        if (!superseded.isEmpty()) {
            return Step.Act.of(
                            Phase.Creating,
                            "the primaries of the past to stop being primary: "
                                    + superseded.stream().map(MemberView::name).collect(Collectors.joining(", ")),
                            superseded.stream()
                                    .<Action>map(member -> new Action.RestartInPlace(member.name(), false))
                                    .toList())
                    .recheckAfter(Duration.ofMillis(200));
        }
        Optional<MemberView> reigning = cluster.members().stream()
                .filter(member -> member.primary() != null)
                .findFirst();
        if (reigning.isPresent() && (silent.isEmpty() || isFollowedByMost(reigning.get(), cluster))) {
            if (OutOfService.covers(reigning.get())) {
                return OutOfService.awaitRemoval(intent, reigning.get());
            }
            return chosen(cluster, intent, reigning.get(), now);
        }
        if (!silent.isEmpty()) {
            return Step.Act.of(
                    Phase.Creating,
                    "every member with retained data to start, so that the one furthest ahead is found: "
                            + String.join(", ", silent) + lockedOut(cluster, now),
                    Rejoin.copiesCalledOff(cluster, now));
        }
        List<Action> requests = Polling.requests(cluster);
        if (!requests.isEmpty()) {
            return Step.Act.of(Phase.Creating, "the votes of all members", requests)
                    .recheckAfter(Duration.ofMillis(200));
        }
        return Election.candidate(cluster, Votes.of(cluster).voters().stream())
                .<Step>map(candidate -> Polling.chosen(cluster, intent, candidate, "Every copy has voted", now))
                .orElseGet(() -> Step.Act.of(Phase.Creating, "a member that can be promoted", List.of()));
    }

    /**
     * What reigns stays. If it reigned alone, it would start as primary by itself each time: before it is one of several, whom another may
     * succeed, it is told that it is not alone any more.
     */
    static Step chosen(ClusterView cluster, Intent intent, MemberView reigning, Now now) {
        boolean alone = cluster.facts().members().equals(List.of(reigning.name()));
        if (Objects.requireNonNull(reigning.primary()).solo() && !alone) {
            return Step.Act.of(
                            Phase.Creating,
                            reigning.name() + ", to be told that it is not alone any more",
                            new Action.SetSolo(reigning.name(), false))
                    .recheckAfter(Duration.ofMillis(200));
        }
        return new Step.Recorded(cluster.facts().withIntent(intent.choosing(reigning.name(), 0, now.wall())));
    }

    /** What it has nobody can see, so that a person has to say whether it may be given up. */
    private static String lockedOut(ClusterView cluster, Now now) {
        return cluster.members().stream()
                .filter(member -> member.probe() instanceof Probe.Starting
                        && member.lockedOutFor(now).compareTo(Timing.RECOVERY_PATIENCE) >= 0)
                .map(
                        member -> ". " + member.name()
                                + " recovers and lets nobody in, for it has too little of the log or ends amid"
                                + " many subtransactions; if another has all that was acknowledged, delete its claim and its pod, and it is cloned")
                .collect(Collectors.joining());
    }

    /**
     * Its pod runs and nothing listens there, for long: with no data seen on its volume, which may be a new one in the place of a lost
     * one, it waits to be cloned.
     */
    private static boolean hasNothingToStart(MemberView member, ClusterView cluster, Now now) {
        return member.probe() instanceof Probe.Unreachable silent
                && silent.refused()
                && !(cluster.facts().incarnations().containsKey(member.name())
                        && Incarnation.isRecorded(member, cluster.facts()))
                && member.refusedFor(now).compareTo(Timing.NOTHING_TO_START_AFTER) >= 0;
    }

    /**
     * Primaries that somebody was promoted after: timelines never collide (rule 6), so that whoever shows a later one comes from
     * a later promotion. One that froze, say, and does not know yet that its leave has run out; to take it for the reigning one
     * would throw away what its successor acknowledged.
     */
    private static List<MemberView> superseded(ClusterView cluster) {
        int latest = Election.shownTimeline(cluster);
        return cluster.members().stream()
                .filter(member ->
                        member.primary() != null && member.primary().position().timeline() < latest)
                .toList();
    }

    /** A primary that a silent member could have succeeded has no majority behind it. */
    private static boolean isFollowedByMost(MemberView primary, ClusterView cluster) {
        long following = Objects.requireNonNull(primary.primary()).followers().stream()
                .filter(Probe.Follower::streaming)
                .filter(follower -> cluster.facts().members().contains(follower.member()))
                .count();
        return 2 * (following + 1) > cluster.facts().members().size();
    }

    private TakingUp() {}
}
