package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Now;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** {@code spec.ttlSecondsAfterCreation}: a cluster of a CI pipeline goes by itself, whatever became of the pipeline. */
public final class Expiry implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        return remaining(cluster, now)
                .filter(remaining -> !remaining.isPositive())
                .map(passed -> Step.Act.of(
                                Phase.Running,
                                "its deletion",
                                new Action.DeleteCluster(cluster.uid(), reason(cluster.spec())))
                        .saying(event(cluster.spec())));
    }

    static Optional<Duration> remaining(ClusterView cluster, Now now) {
        return remaining(cluster.spec(), cluster.created(), now.wall());
    }

    /** The time that is left of it; empty where none is set, or while paused: whoever does that wants to look at it. Not positive: it has passed. */
    public static Optional<Duration> remaining(PostgresClusterSpec spec, Instant created, Instant now) {
        return Optional.ofNullable(spec.paused() ? null : spec.ttlSecondsAfterCreation())
                .map(seconds -> Duration.between(now, created.plusSeconds(seconds)));
    }

    public static Event event(PostgresClusterSpec spec) {
        return Event.normal("Expired", "Deleting the cluster: " + reason(spec));
    }

    private static String reason(PostgresClusterSpec spec) {
        return "ttlSecondsAfterCreation = " + spec.ttlSecondsAfterCreation() + " has passed";
    }
}
