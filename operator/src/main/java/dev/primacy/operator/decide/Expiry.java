package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Now;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** {@code spec.ttlSecondsAfterCreation}: a cluster of a CI pipeline goes by itself, whatever became of the pipeline. */
final class Expiry implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        return remaining(cluster, now)
                .filter(remaining -> !remaining.isPositive())
                .map(passed -> Step.Act.of(
                                Phase.Running,
                                "its deletion",
                                new Action.DeleteCluster("ttlSecondsAfterCreation = "
                                        + cluster.spec().ttlSecondsAfterCreation() + " has passed"))
                        .saying(Event.normal(
                                "Expired",
                                "Deleting the cluster: ttlSecondsAfterCreation = "
                                        + cluster.spec().ttlSecondsAfterCreation() + " has passed")));
    }

    static Optional<Duration> remaining(ClusterView cluster, Now now) {
        Integer seconds = cluster.spec().ttlSecondsAfterCreation();
        if (seconds == null) {
            return Optional.empty();
        }
        Instant end = cluster.created().plusSeconds(seconds);
        return Optional.of(Duration.between(now.wall(), end));
    }
}
