package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import java.time.Duration;
import java.util.Optional;

/**
 * A new cluster that does not get to its first start, since a pod has no node, no volume or no image, is told of by an event: it was
 * never Ready, so that no condition turns.
 */
final class FirstStart {
    /** A machine that has to pull the image first needs some of it. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    static Optional<Event> delayed(ClusterView cluster, Now now) {
        if (cluster.status().timeToReadySeconds() != null
                || Duration.between(cluster.created(), now.wall()).compareTo(PATIENCE) < 0) {
            return Optional.empty();
        }
        return cluster.facts().members().stream()
                .filter(name -> cluster.member(name).filter(FirstStart::runs).isEmpty())
                .findFirst()
                .map(name -> Event.warning("StartDelayed", "Waiting for " + MemberWords.of(name, cluster)));
    }

    private static boolean runs(MemberView member) {
        return member.pod() != null && member.pod().container() instanceof PodView.Container.Running;
    }

    private FirstStart() {}
}
