package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import java.util.List;
import java.util.Optional;

/**
 * A primary that crashed and came back in recovery. Its own log is never behind that of a standby that followed it, so mostly it is chosen
 * again without asking anybody – if it came back on the volume on which it was primary, and not as a copy of who knows whom; and once it
 * has taken up the new epoch: that is a write, which a full disk refuses (rule 13), and so does what an operator saw before it was frozen.
 */
final class Comeback {

    /** Empty where the standbys are to be asked for votes. */
    static Optional<Step> of(ClusterView cluster, Intent intent, Now now) {
        return cluster.primary()
                .filter(primary -> intent.kind() == Intent.Kind.Failover
                        && intent.deposed().equals(List.of(primary.name()))
                        && primary.standby() != null
                        && isFurthest(primary, cluster)
                        && Incarnation.isRecorded(primary, cluster.facts())
                        && !OutOfService.covers(primary))
                .flatMap(primary -> again(primary, cluster, intent, now));
    }

    private static Optional<Step> again(MemberView primary, ClusterView cluster, Intent intent, Now now) {
        String name = primary.name();
        if (primary.standby() != null
                && primary.standby().epoch() == cluster.facts().epoch()) {
            return Optional.of(new Step.Recorded(
                    Election.chosen(cluster, cluster.facts(), intent, name, now.wall()),
                    Event.normal("PrimaryChosen", name + " has the end of the log, and is promoted again")));
        }
        return primary.seenFor(now).compareTo(Timing.VOTE_PATIENCE) < 0
                ? Optional.of(Succession.takesUpTheEpoch(intent, primary))
                : Optional.empty();
    }

    private static boolean isFurthest(MemberView primary, ClusterView cluster) {
        return primary.position() != null
                && cluster.members().stream()
                        .map(MemberView::position)
                        .allMatch(other -> other == null || other.compareTo(primary.position()) <= 0);
    }

    private Comeback() {}
}
