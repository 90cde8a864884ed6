package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Now;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The conditions as kstatus reads them: Reconciling and Stalled are there only while they are true, so that a quiet cluster shows
 * Ready alone to be looked at. While a change of the spec is being brought about and all is served, both are true.
 */
final class Conditions {

    /** @param generation of the spec that they speak of */
    static List<Condition> of(ClusterView cluster, Health health, long generation, Now now) {
        List<Condition> conditions = new ArrayList<>();
        conditions.add(condition(
                cluster,
                "Ready",
                health.ready(),
                isAsDesired(health) ? "AsDesired" : word(health),
                health.sentence(),
                generation,
                now));
        conditions.add(condition(
                cluster,
                "PrimaryAvailable",
                health.primaryAvailable(),
                health.primaryAvailable() ? "Writable" : word(health),
                health.primaryAvailable()
                        ? cluster.facts().primary() + " takes writes through "
                                + cluster.names().readWriteHost()
                        : health.sentence(),
                generation,
                now));
        conditions.add(condition(
                cluster,
                "ReplicationHealthy",
                health.replicationHealthy(),
                health.replicationHealthy() ? "Streaming" : "NotStreaming",
                health.replicationHealthy()
                        ? "Every standby streams"
                        : health.notReady().isEmpty()
                                ? health.sentence()
                                : "Not streaming: " + String.join(", ", health.notReady()),
                generation,
                now));
        if (health.stalled() != null) {
            conditions.add(condition(cluster, "Stalled", true, health.stalled(), health.sentence(), generation, now));
        } else if (!health.ready() || health.changing()) {
            conditions.add(condition(cluster, "Reconciling", true, word(health), health.sentence(), generation, now));
        }
        return conditions;
    }

    /** What a paused cluster serves may not be what its spec says. */
    private static boolean isAsDesired(Health health) {
        return health.ready() && !health.changing() && health.phase() != Phase.Paused;
    }

    /** Whether it became Ready, or is not any more. */
    static Optional<Event> turn(PostgresClusterStatus before, PostgresClusterStatus after) {
        Optional<Boolean> ready = ready(after);
        if (ready(before).isEmpty() || ready(before).equals(ready)) {
            return Optional.empty();
        }
        return ready.map(it -> it ? Event.normal("Ready", words(after)) : Event.warning("NotReady", words(after)));
    }

    private static Optional<Boolean> ready(PostgresClusterStatus status) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .findFirst()
                .map(condition -> condition.getStatus().equals("True"));
    }

    private static String words(PostgresClusterStatus status) {
        return Objects.requireNonNullElse(status.reason(), "");
    }

    private static String word(Health health) {
        return health.stalled() != null ? health.stalled() : health.phase().name();
    }

    private static Condition condition(
            ClusterView cluster, String type, boolean value, String reason, String message, long generation, Now now) {
        String status = value ? "True" : "False";
        String since = cluster.status().conditions().stream()
                .filter(before ->
                        before.getType().equals(type) && before.getStatus().equals(status))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElseGet(() -> now.wall().truncatedTo(ChronoUnit.SECONDS).toString());
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build();
    }

    private Conditions() {}
}
