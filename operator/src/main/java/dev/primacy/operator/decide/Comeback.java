package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.util.List;
import java.util.Optional;

/**
 * A primary that crashed and came back in recovery. Its own log is never behind that of a standby that followed it, so mostly it is chosen
 * again without asking anybody – if it came back on the volume on which it was primary, and not as a copy of who knows whom; and once it
 * has taken up the new epoch: that is a write, which a full disk refuses (rule 13), and what an operator saw before it was frozen does not show it.
 */
final class Comeback {

    /** Empty where the standbys are to be asked for votes. */
    static Optional<Step> of(ClusterView cluster, Intent intent, Now now) {
        MemberView primary = cluster.primary().orElse(null);
        if (primary == null
                || !(primary.probe() instanceof Probe.Standby standby)
                || intent.kind() != Intent.Kind.Failover
                || !intent.deposed().equals(List.of(primary.name()))
                || !isFurthest(standby.position(), cluster)
                || !Incarnation.isRecorded(primary, cluster.facts())
                || OutOfService.covers(primary)) {
            return Optional.empty();
        }
        if (standby.epoch() == cluster.facts().epoch()) {
            return Optional.of(new Step.Recorded(
                    Election.chosen(cluster, cluster.facts(), intent, primary.name(), now.wall()),
                    Event.normal("PrimaryChosen", primary.name() + " has the end of the log, and is promoted again")));
        }
        return primary.seenFor(now).compareTo(Timing.VOTE_PATIENCE) < 0
                ? Optional.of(Succession.takesUpTheEpoch(intent, primary))
                : Optional.empty();
    }

    private static boolean isFurthest(Position position, ClusterView cluster) {
        return cluster.members().stream()
                .map(MemberView::position)
                .allMatch(other -> other == null || other.compareTo(position) <= 0);
    }

    private Comeback() {}
}
