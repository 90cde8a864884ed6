package dev.primacy.operator.kube;

import dev.primacy.api.v1.PostgresClusterStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The status of a cluster that cannot begin yet; whatever it already says of facts and members stays. */
public final class WaitingStatus {
    private static final String REASON = "WaitingForSecret";

    private WaitingStatus() {}

    /** @param words what is missing and what to do */
    public static PostgresClusterStatus of(
            @Nullable PostgresClusterStatus before, long generation, String words, Instant now) {
        PostgresClusterStatus old = Objects.requireNonNullElse(before, PostgresClusterStatus.NONE);
        List<Condition> others = old.conditions().stream()
                .filter(it -> !List.of("Ready", "Reconciling", "Stalled").contains(it.getType()))
                .toList();
        List<Condition> conditions = Stream.concat(
                        Stream.of(
                                condition(old, "Ready", "False", generation, words, now),
                                condition(old, "Reconciling", "True", generation, words, now)),
                        others.stream())
                .toList();
        return old.withStanding(generation, "Waiting", words, conditions);
    }

    private static Condition condition(
            PostgresClusterStatus old, String type, String state, long generation, String words, Instant now) {
        String since = old.conditions().stream()
                .filter(it -> it.getType().equals(type) && it.getStatus().equals(state))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new ConditionBuilder()
                .withType(type)
                .withStatus(state)
                .withReason(REASON)
                .withMessage(words)
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build();
    }
}
