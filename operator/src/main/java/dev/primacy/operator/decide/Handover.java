package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Position;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Rule 12: in a switchover the target must have all that the old primary wrote until it stopped. */
final class Handover {

    /** What is waited for, or given up; empty once the target may be promoted. */
    static Optional<Step> of(ClusterView cluster, Intent intent, MemberView target, Now now) {
        if (intent.kind() != Kind.Switchover || intent.deposed().contains(target.name())) {
            return Optional.empty();
        }
        for (String name : intent.deposed()) {
            MemberView old = cluster.member(name).orElse(null);
            if (old == null || old.standby() == null) {
                return Optional.of(awaitOldPrimary(cluster, intent, name, now));
            }
            if (!Fencing.inRecovery(old, cluster)) {
                return Optional.of(inAnotherState(cluster, intent, old, now));
            }
            Position stopped = old.standby().position();
            if (Objects.requireNonNull(target.position()).compareTo(stopped) < 0) {
                if (old.seenFor(now).compareTo(Timing.SUSPECT_AFTER) < 0) {
                    return Optional.of(Step.Act.of(
                                    Phase.of(intent), target.name() + " to receive the log up to " + stopped, List.of())
                            .recheckAfter(Duration.ofMillis(100)));
                }
                return Optional.of(new Step.Recorded(
                        Election.chosen(cluster, Takeover.raised(cluster), intent, name, now.wall()),
                        Event.warning(
                                "SwitchoverAbandoned",
                                target.name() + " lacks the end of the log (" + target.position() + " of " + stopped
                                        + "); " + name + " stays primary")));
            }
        }
        return Optional.empty();
    }

    /**
     * In recovery, but not on the volume on which it was primary, so that this is another copy; or not under this epoch, so that
     * what an earlier operator process has under way could promote it; or before the end of its log: until then its position says
     * too little, since what it acknowledged before it stopped may come after that.
     */
    private static Step inAnotherState(ClusterView cluster, Intent intent, MemberView old, Now now) {
        if (!Incarnation.isRecorded(old, cluster.facts())) {
            return Succession.becomesFailover(cluster, intent, old.name() + " came back with another volume", now);
        }
        if (old.standby() != null && old.standby().epoch() >= cluster.facts().epoch()) {
            // Somebody may have paused the replay, or a client hold it up: to vote ends both.
            boolean stands = old.seenFor(now).compareTo(Timing.SUSPECT_AFTER) >= 0;
            return Step.Act.of(
                            Phase.of(intent),
                            old.name() + " to replay its log to the end",
                            stands
                                    ? List.of(new Action.Vote(old.name(), SynchronousReplication.prepared(cluster)))
                                    : List.of())
                    .recheckAfter(Duration.ofMillis(100));
        }
        return Succession.takesUpTheEpoch(intent, old);
    }

    /** A switchover whose old primary does not come back in recovery becomes a failover. */
    private static Step awaitOldPrimary(ClusterView cluster, Intent intent, String old, Now now) {
        boolean silent = cluster.member(old)
                .map(member -> Silence.of(member, cluster, now).compareTo(Timing.COMES_BACK_WITHIN) > 0)
                .orElse(true);
        if (silent) {
            return Succession.becomesFailover(cluster, intent, old + " did not come back from its planned stop", now);
        }
        return Step.Act.of(Phase.of(intent), old + " to stop and to come back in recovery", List.of())
                .recheckAfter(Duration.ofMillis(200));
    }

    private Handover() {}
}
