package dev.primacy.operator.decide;

import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rule 4: every standby that answers is asked for its vote, and one is chosen once votes and fencing suffice. */
final class Polling {

    /** Collects votes, and chooses when they and the fencing suffice. */
    static Step elect(ClusterView cluster, Intent intent, Now now) {
        if (intent.kind() == Kind.Bootstrap) {
            return TakingUp.elect(cluster, intent, now);
        }
        Optional<Step> comeback = Comeback.of(cluster, intent, now);
        if (comeback.isPresent()) {
            return comeback.get();
        }
        Votes votes = Votes.of(cluster);
        List<Action> requests = requests(cluster);
        if (!requests.isEmpty() && !mayGoOnWithout(votes, cluster, intent, now)) {
            return Step.Act.of(Phase.of(intent), "the votes of the standbys", requests)
                    .recheckAfter(Duration.ofMillis(200));
        }
        if (!votes.holdEveryCommit(cluster.facts())) {
            for (String suspect : intent.deposed()) {
                if (Fencing.of(suspect, cluster, votes, now) instanceof Fencing.Unproven unproven) {
                    return unproven.remaining()
                            .<Step>map(remaining -> Step.Act.of(Phase.of(intent), unproven.waitingFor(), List.of())
                                    .recheckAfter(remaining))
                            .orElseGet(() -> stuck(cluster, intent, unproven.waitingFor(), now));
                }
            }
            if (commitsMayBeMissing(cluster, votes)) {
                return stuck(
                        cluster,
                        intent,
                        "a member that is known to have every acknowledged commit (synchronous replication, durability Required)",
                        now);
            }
        }
        return Election.candidate(cluster, votes.voters().stream())
                .<Step>map(candidate -> chosen(cluster, intent, candidate, proof(cluster, intent, votes, now), now))
                .orElseGet(() -> stuck(cluster, intent, "a standby that can be promoted", now));
    }

    /** Why nothing is lost, or nobody else is primary, in words. */
    private static String proof(ClusterView cluster, Intent intent, Votes votes, Now now) {
        if (votes.holdEveryCommit(cluster.facts())) {
            return votes.voters().stream().map(MemberView::name).collect(Collectors.joining(", "))
                    + " have voted, and hold every commit";
        }
        return intent.deposed().stream()
                .flatMap(name -> Fencing.of(name, cluster, votes, now) instanceof Fencing.Proven proven
                        ? Stream.of(name + " is no primary any more: " + proven.by())
                        : Stream.of())
                .collect(Collectors.joining("; "));
    }

    /**
     * Time alone changes nothing. The old primary has every commit, though, and may be there; and who waits to become a copy of it may
     * have what is missing.
     */
    private static Step stuck(ClusterView cluster, Intent intent, String waitingFor, Now now) {
        return cluster.primary()
                .filter(primary -> intent.deposed().stream()
                        .allMatch(name -> name.equals(primary.name()) || neverReigned(cluster, name)))
                .filter(primary -> SecondChannel.isDue(primary, cluster, now))
                .map(primary -> SecondChannel.chosen(cluster, intent, primary, now))
                .orElseGet(() -> Step.Act.of(Phase.of(intent), waitingFor, Rejoin.copiesCalledOff(cluster, now)));
    }

    /** A target that was given up is in recovery, and shows no timeline that began after the primary's: it was not promoted. */
    private static boolean neverReigned(ClusterView cluster, String name) {
        return cluster.member(name)
                .filter(member -> Fencing.inRecovery(member, cluster))
                .map(MemberView::position)
                .map(position -> position.timeline() <= cluster.facts().timeline())
                .orElse(false);
    }

    static List<Action> requests(ClusterView cluster) {
        return cluster.members().stream()
                .filter(member -> cluster.facts().members().contains(member.name()))
                .filter(member -> member.standby() != null
                        && !Votes.hasVoted(member, cluster.facts().epoch()))
                .<Action>map(member -> new Action.Vote(member.name(), SynchronousReplication.prepared(cluster)))
                .toList();
    }

    /** Every standby that answers is asked, but one that cannot vote – hung in its replay, say – holds up the others briefly. */
    private static boolean mayGoOnWithout(Votes votes, ClusterView cluster, Intent intent, Now now) {
        boolean fenced = intent.deposed().stream()
                .allMatch(suspect -> Fencing.of(suspect, cluster, votes, now) instanceof Fencing.Proven);
        boolean suffice = votes.holdEveryCommit(cluster.facts()) || (fenced && !commitsMayBeMissing(cluster, votes));
        return suffice
                && !votes.voters().isEmpty()
                && now.monotonic().minus(votes.complete()).compareTo(Timing.VOTE_PATIENCE) > 0;
    }

    /**
     * Under required durability a fenced primary is not enough: unless it is itself among the voters, an acknowledged commit
     * could be on nobody that can be asked.
     */
    private static boolean commitsMayBeMissing(ClusterView cluster, Votes votes) {
        Replication replication = cluster.spec().replication();
        boolean required = replication.mode() == Replication.Mode.Synchronous
                && replication.durability() == Replication.Durability.Required;
        boolean waited = cluster.facts().synchronous().stream().anyMatch(set -> set.number() > 0);
        String primary = cluster.facts().primary();
        boolean oldPrimaryVoted = primary != null && votes.include(primary, cluster.facts());
        return required && waited && !oldPrimaryVoted && !everybodyVoted(cluster, votes);
    }

    /** Also where the old primary is not known, since the status was lost: what was acknowledged is on somebody. */
    private static boolean everybodyVoted(ClusterView cluster, Votes votes) {
        return cluster.facts().members().stream().allMatch(name -> votes.include(name, cluster.facts()));
    }

    static Step chosen(ClusterView cluster, Intent intent, MemberView candidate, String proof, Now now) {
        if (OutOfService.covers(candidate)) {
            return OutOfService.awaitRemoval(intent, candidate);
        }
        Facts facts = Election.chosen(cluster, cluster.facts(), intent, candidate.name(), now.wall());
        int timeline = Objects.requireNonNull(facts.intent()).timeline();
        return new Step.Recorded(
                facts,
                Event.normal(
                        "PrimaryChosen",
                        candidate.name() + " will be promoted to timeline " + timeline + "; its log ends at "
                                + candidate.position() + ". " + proof));
    }

    private Polling() {}
}
