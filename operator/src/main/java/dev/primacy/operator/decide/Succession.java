package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Carries an intent through: whoever may still be primary is fenced, a successor is elected and promoted. Level-triggered: each
 * pass looks where things stand, whoever began them.
 */
final class Succession implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        Intent intent = cluster.facts().intent();
        if (intent == null) {
            return Optional.empty();
        }
        MemberView target = cluster.member(intent.to()).orElse(null);
        if (target != null && target.primary() != null) {
            return Optional.of(crowned(cluster, intent, target));
        }
        Optional<Step> returned = oldPrimaryReturned(cluster, intent);
        if (returned.isPresent()) {
            return returned;
        }
        return Optional.of(intent.to() == null ? elect(cluster, intent, now) : promote(cluster, intent, target, now));
    }

    /** The promotion was seen to have happened. */
    private static Step crowned(ClusterView cluster, Intent intent, MemberView target) {
        Probe.Primary seen = Objects.requireNonNull(target.primary());
        PodView pod = target.pod();
        Facts crowned = cluster.facts()
                .withPrimary(target.name(), containerId(pod), seen.position().timeline())
                .withIncarnation(target.name(), Incarnation.of(target));
        if (crowned.systemId() == null) {
            crowned = crowned.withSystemId(seen.identity().systemId());
        }
        String sentence = target.name() + " is the primary, on timeline "
                + seen.position().timeline();
        return new Step.Recorded(
                crowned,
                switch (intent.kind()) {
                    case Bootstrap -> Event.normal("PrimaryElected", sentence);
                    case Failover -> Event.warning("FailedOver", sentence + ": " + intent.reason());
                    case Switchover -> Event.normal("SwitchedOver", sentence + ": " + intent.reason());
                });
    }

    static @Nullable String containerId(@Nullable PodView pod) {
        return pod != null && pod.container() instanceof PodView.Container.Running running ? running.id() : null;
    }

    /**
     * The old primary answers as primary. In a failover that has not chosen anybody it was a false alarm, and it stays; when a
     * target stands, it is asked to step down.
     */
    private static Optional<Step> oldPrimaryReturned(ClusterView cluster, Intent intent) {
        for (String name : intent.deposed()) {
            MemberView old = cluster.member(name).orElse(null);
            if (old == null || old.primary() == null || name.equals(intent.to())) {
                continue;
            }
            if (intent.to() == null && name.equals(cluster.facts().primary())) {
                return Optional.of(new Step.Recorded(
                        cluster.facts().withIntent(null),
                        Event.normal("FailoverCancelled", name + " answers as primary again; nobody was promoted")));
            }
            return Optional.of(
                    Step.Act.of(phase(intent), name + " to stop being primary", new Action.RestartInPlace(name, false))
                            .recheckAfter(Duration.ofMillis(200)));
        }
        return Optional.empty();
    }

    /** Collects votes, and chooses when they and the fencing suffice. */
    private static Step elect(ClusterView cluster, Intent intent, Now now) {
        if (intent.kind() == Kind.Bootstrap) {
            return electAmongAll(cluster, intent);
        }
        Votes votes = Votes.of(cluster);
        List<Action> requests = new ArrayList<>();
        for (MemberView member : cluster.members()) {
            if (member.standby() != null
                    && !Votes.hasVoted(member, cluster.facts().epoch())) {
                requests.add(new Action.Vote(member.name()));
            }
        }
        if (!requests.isEmpty()) {
            return Step.Act.of(phase(intent), "the votes of the standbys", requests)
                    .recheckAfter(Duration.ofMillis(200));
        }
        if (!votes.holdEveryCommit(cluster.facts().synchronous())) {
            for (String suspect : intent.deposed()) {
                if (Fencing.of(suspect, cluster, votes, now) instanceof Fencing.Unproven unproven) {
                    return Step.Act.of(phase(intent), unproven.waitingFor(), List.of())
                            .recheckAfter(unproven.remaining().orElse(Duration.ofSeconds(1)));
                }
            }
            if (commitsMayBeMissing(cluster, votes)) {
                return Step.Act.of(
                        phase(intent),
                        "a member that is known to have every acknowledged commit (synchronous replication, durability Required)",
                        List.of());
            }
        }
        return Election.candidate(cluster, votes.voters().stream())
                .<Step>map(candidate -> chosen(cluster, intent, candidate))
                .orElseGet(() -> Step.Act.of(phase(intent), "a standby that can be promoted", List.of()));
    }

    /**
     * Under required durability a fenced primary is not enough: unless it is itself among the voters, an acknowledged commit
     * could be on nobody that can be asked.
     */
    private static boolean commitsMayBeMissing(ClusterView cluster, Votes votes) {
        boolean synchronous = cluster.facts().synchronous().stream().anyMatch(set -> set.number() > 0);
        boolean oldPrimaryVoted = votes.voters().stream()
                .anyMatch(voter -> voter.name().equals(cluster.facts().primary())
                        && Objects.equals(
                                Incarnation.of(voter),
                                cluster.facts().incarnations().get(voter.name())));
        return synchronous && !oldPrimaryVoted;
    }

    /** Retained data with no known primary: every copy is asked, since any may be the one that is ahead. */
    private static Step electAmongAll(ClusterView cluster, Intent intent) {
        List<String> silent = cluster.members().stream()
                .filter(member -> member.standby() == null && member.primary() == null)
                .map(MemberView::name)
                .toList();
        Optional<MemberView> alone = cluster.members().stream()
                .filter(member -> member.primary() != null)
                .findFirst();
        if (alone.isPresent()) {
            return new Step.Recorded(
                    cluster.facts().withIntent(intent.choosing(alone.get().name(), 0)));
        }
        if (!silent.isEmpty()) {
            return Step.Act.of(
                    Phase.Creating,
                    "every member with retained data to start, so that the one furthest ahead is found: "
                            + String.join(", ", silent),
                    List.of());
        }
        return Election.candidate(cluster, cluster.members().stream())
                .<Step>map(candidate -> chosen(cluster, intent, candidate))
                .orElseGet(() -> Step.Act.of(Phase.Creating, "a member that can be promoted", List.of()));
    }

    private static Step chosen(ClusterView cluster, Intent intent, MemberView candidate) {
        Facts facts = Election.chosen(cluster, cluster.facts(), intent, candidate.name());
        int timeline = Objects.requireNonNull(facts.intent()).timeline();
        return new Step.Recorded(
                facts,
                Event.normal(
                        "PrimaryChosen",
                        candidate.name() + " will be promoted to timeline " + timeline + "; its log ends at "
                                + candidate.position()));
    }

    private static Step promote(ClusterView cluster, Intent intent, @Nullable MemberView target, Now now) {
        String name = Objects.requireNonNull(intent.to());
        if (target == null || target.standby() == null) {
            return awaitTarget(cluster, intent, name, target, now);
        }
        if (cluster.facts().systemId() == null) {
            Facts known = cluster.facts()
                    .withSystemId(target.standby().identity().systemId())
                    .withIncarnation(name, Incarnation.of(target));
            return new Step.Recorded(Election.chosen(cluster, known, intent, name));
        }
        if (intent.timeline() == 0) {
            return new Step.Recorded(Election.chosen(cluster, cluster.facts(), intent, name));
        }
        Optional<Step> handover = waitForHandover(cluster, intent, target, now);
        if (handover.isPresent()) {
            return handover.get();
        }
        return Step.Act.of(
                phase(intent),
                name + " to be promoted",
                new Action.Promote(
                        name,
                        intent.timeline() - 1,
                        SynchronousReplication.afterPromotion(cluster, name).synchronousStandbyNames(),
                        List.of(name)));
    }

    /** Rule 12: in a switchover the target must have all that the old primary wrote until it stopped. */
    private static Optional<Step> waitForHandover(ClusterView cluster, Intent intent, MemberView target, Now now) {
        if (intent.kind() != Kind.Switchover || intent.deposed().contains(target.name())) {
            return Optional.empty();
        }
        for (String name : intent.deposed()) {
            MemberView old = cluster.member(name).orElse(null);
            if (old == null || old.standby() == null) {
                return Optional.of(awaitOldPrimary(cluster, intent, name, now));
            }
            Position stopped = old.standby().position();
            if (Objects.requireNonNull(target.position()).compareTo(stopped) < 0) {
                if (seenFor(old, now).compareTo(Timing.SUSPECT_AFTER) < 0) {
                    return Optional.of(Step.Act.of(
                                    phase(intent), target.name() + " to receive the log up to " + stopped, List.of())
                            .recheckAfter(Duration.ofMillis(100)));
                }
                return Optional.of(new Step.Recorded(
                        Election.chosen(cluster, cluster.facts(), intent, name),
                        Event.warning(
                                "SwitchoverAbandoned",
                                target.name() + " lacks the end of the log (" + target.position() + " of " + stopped
                                        + "); " + name + " stays primary")));
            }
        }
        return Optional.empty();
    }

    /** A switchover whose old primary does not come back in recovery becomes a failover. */
    private static Step awaitOldPrimary(ClusterView cluster, Intent intent, String old, Now now) {
        boolean silent = cluster.member(old)
                .map(member -> Silence.of(member, cluster, now).compareTo(Timing.WAL_TIMEOUT.plusSeconds(5)) > 0)
                .orElse(true);
        if (silent) {
            Intent failover = new Intent(
                    Kind.Failover,
                    intent.deposed(),
                    null,
                    0,
                    old + " did not come back from its planned stop",
                    now.wall());
            return new Step.Recorded(
                    Takeover.raised(cluster).withIntent(failover), Event.warning("FailingOver", failover.reason()));
        }
        return Step.Act.of(phase(intent), old + " to stop and to come back in recovery", List.of())
                .recheckAfter(Duration.ofMillis(200));
    }

    /**
     * A silent target is given up for another – but it may have been promoted before it fell silent, so that it must be fenced
     * as well (rule 7).
     */
    private static Step awaitTarget(
            ClusterView cluster, Intent intent, String name, @Nullable MemberView target, Now now) {
        boolean first = intent.kind() == Kind.Bootstrap && cluster.facts().systemId() == null;
        boolean silent = target == null || Silence.of(target, cluster, now).compareTo(Timing.TARGET_PATIENCE) > 0;
        boolean others =
                cluster.members().stream().anyMatch(member -> !member.name().equals(name) && member.standby() != null);
        if (first || !silent || !others) {
            return Step.Act.of(phase(intent), MemberWords.of(name, target), List.of());
        }
        List<String> deposed = Stream.concat(intent.deposed().stream(), Stream.of(name))
                .distinct()
                .toList();
        Intent again = new Intent(
                Kind.Failover, deposed, null, 0, name + " fell silent before its promotion was seen", now.wall());
        return new Step.Recorded(
                Takeover.raised(cluster).withIntent(again), Event.warning("FailingOver", again.reason()));
    }

    private static Duration seenFor(MemberView member, Now now) {
        return member.since() == null ? Duration.ZERO : now.monotonic().minus(member.since());
    }

    static Phase phase(Intent intent) {
        return switch (intent.kind()) {
            case Bootstrap -> Phase.Creating;
            case Failover -> Phase.FailingOver;
            case Switchover -> Phase.SwitchingOver;
        };
    }
}
