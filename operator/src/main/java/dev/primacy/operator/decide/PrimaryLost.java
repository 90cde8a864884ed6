package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The primary is not one any more, or silent: begins a failover once that is likelier to help than to wait. */
final class PrimaryLost implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        String name = cluster.facts().primary();
        if (name == null) {
            return Optional.empty();
        }
        MemberView primary = cluster.member(name).orElse(null);
        return switch (primary == null ? new Probe.Unreachable("it has no pod") : primary.probe()) {
            case Probe.Primary ignored -> Optional.empty();
            case Probe.Standby ignored -> Optional.of(cameBackInRecovery(cluster, primary, now));
            case Probe.Starting ignored -> Optional.of(silent(cluster, name, primary, now));
            case Probe.Unreachable ignored -> Optional.of(silent(cluster, name, primary, now));
        };
    }

    private static Step cameBackInRecovery(ClusterView cluster, @Nullable MemberView primary, Now now) {
        MemberView member = Objects.requireNonNull(primary);
        Intent intent = new Intent(
                Kind.Failover,
                List.of(member.name()),
                null,
                member.name() + " came back in recovery",
                lastPrimary(member, now));
        return new Step.Recorded(
                Takeover.raised(cluster).withIntent(intent), Event.warning("FailingOver", intent.reason()));
    }

    /** It was granted with each look that showed it as primary. */
    private static Instant lastPrimary(MemberView member, Now now) {
        Duration granted = member.lastGrant();
        return granted == null ? now.wall() : now.wall().minus(now.monotonic().minus(granted));
    }

    private static Step silent(ClusterView cluster, String name, @Nullable MemberView primary, Now now) {
        Duration silence =
                primary == null ? now.monotonic().minus(cluster.leaderSince()) : Silence.of(primary, cluster, now);
        String words = "the primary to answer. " + MemberWords.of(name, cluster);
        Duration patience = patience(cluster, primary);
        if (silence.compareTo(patience) < 0) {
            return waiting(words, patience.minus(silence));
        }
        if (!couldSucceed(cluster, name, now)) {
            return primary != null && SecondChannel.isDue(primary, cluster, now)
                    ? promotedUnseen(cluster, primary, now)
                    : waiting(words, Duration.ofSeconds(1), Rejoin.copiesCalledOff(cluster, now));
        }
        if (witnessed(cluster) && silence.compareTo(Timing.WITNESS_BOUND) < 0) {
            return waiting(
                    name
                            + " to answer; its standbys still hear from it, so only the way from the operator to it may be cut",
                    Duration.ofMillis(100));
        }
        Intent intent = new Intent(
                Kind.Failover,
                List.of(name),
                null,
                name + " has been silent for " + silence.toSeconds() + " s",
                now.wall().minus(silence));
        return new Step.Recorded(
                Takeover.raised(cluster).withIntent(intent), Event.warning("FailingOver", intent.reason()));
    }

    /** It has the log and lets nobody in, and nobody can take its place. */
    private static Step promotedUnseen(ClusterView cluster, MemberView primary, Now now) {
        String reason = primary.name() + " recovers and accepts no connection";
        Intent intent = new Intent(Kind.Failover, List.of(primary.name()), null, reason, now.wall());
        return SecondChannel.chosen(cluster, intent, primary, now);
    }

    private static Step waiting(String words, Duration recheck) {
        return waiting(words, recheck, List.of());
    }

    private static Step waiting(String words, Duration recheck, List<Action> actions) {
        return Step.Act.of(Phase.Degraded, words, actions)
                .recheckAfter(recheck.compareTo(Duration.ofMillis(100)) < 0 ? Duration.ofMillis(100) : recheck);
    }

    /** A pod that is known to be on its way out needs no time to be suspected – unless it alone has the end of the log. */
    private static Duration patience(ClusterView cluster, @Nullable MemberView primary) {
        if (primary == null) {
            return Timing.SUSPECT_AFTER;
        }
        PodView pod = primary.pod();
        boolean comesBackEmpty = pod != null && !Incarnation.isRecorded(primary, cluster.facts());
        if (comesBackEmpty) {
            return Duration.ZERO;
        }
        boolean onItsWayOut = pod == null || pod.deleting() || !(pod.container() instanceof PodView.Container.Running);
        if (!onItsWayOut) {
            // It recovers, and has the end of the log; but who has every acknowledged commit need not wait for it.
            boolean recovers = primary.probe() instanceof Probe.Starting
                    && !reachable(cluster).holdEveryCommit(cluster.facts());
            return recovers ? Timing.RECOVERY_PATIENCE : Timing.SUSPECT_AFTER;
        }
        boolean comesBack = primary.claim() != null
                && (pod == null
                        || pod.nodeState() == PodView.NodeState.READY
                        || pod.nodeState() == PodView.NodeState.NONE);
        return comesBack && logWouldBeLost(cluster, primary) ? Timing.RESTART_PATIENCE : Duration.ZERO;
    }

    private static boolean logWouldBeLost(ClusterView cluster, MemberView primary) {
        Position last = primary.lastPosition();
        return last == null
                || cluster.members().stream()
                        .filter(member -> member.standby() != null)
                        .map(MemberView::position)
                        .noneMatch(position -> position != null && position.compareTo(last) >= 0);
    }

    /** Votes cut replication; they are asked for only where they can lead to a new primary. */
    private static boolean couldSucceed(ClusterView cluster, String primary, Now now) {
        Votes reachable = reachable(cluster);
        return !reachable.voters().isEmpty()
                && (reachable.holdEveryCommit(cluster.facts())
                        || reachable.reachQuorumOf(cluster.facts().promotable(), primary)
                        || Fencing.of(primary, cluster, reachable, now) instanceof Fencing.Proven);
    }

    /** Those who would vote if they were asked. */
    private static Votes reachable(ClusterView cluster) {
        return new Votes(cluster.members().stream()
                .filter(member -> member.standby() != null)
                .toList());
    }

    /** Rule 11. */
    private static boolean witnessed(ClusterView cluster) {
        return cluster.members().stream()
                .map(MemberView::standby)
                .anyMatch(standby -> standby != null
                        && standby.receiver() != null
                        && standby.receiver().streaming()
                        && standby.receiver().sinceMessage().compareTo(Timing.WITNESS_FRESH) < 0);
    }
}
