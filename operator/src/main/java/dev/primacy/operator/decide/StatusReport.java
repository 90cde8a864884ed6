package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.PostgresClusterStatus.LastFailover;
import dev.primacy.api.v1.PostgresClusterStatus.MemberStatus;
import dev.primacy.api.v1.PostgresClusterStatus.PendingRestart;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The status, computed whole from what was seen and decided; never changed in place. */
final class StatusReport {

    static PostgresClusterStatus of(ClusterView cluster, Facts facts, @Nullable Step step, Now now) {
        return Inherited.status(cluster, facts, step).orElseGet(() -> seen(cluster, facts, step, now));
    }

    private static PostgresClusterStatus seen(ClusterView cluster, Facts facts, @Nullable Step step, Now now) {
        List<MemberStatus> members = facts.members().stream()
                .map(name -> MemberReport.of(name, cluster, facts))
                .toList();
        Health health = Health.of(cluster, facts, members, step);
        PostgresClusterStatus before = cluster.status();
        Intent intent = facts.intent();
        long generation = observed(cluster, facts);
        Double timeToReady = before.timeToReadySeconds() != null || !health.ready()
                ? before.timeToReadySeconds()
                : Double.valueOf(Duration.between(cluster.created(), now.wall()).toMillis() / 1000.0);
        return new PostgresClusterStatus(
                generation,
                health.phase().words(),
                health.sentence(),
                facts.primary(),
                facts.timeline() == 0 ? null : facts.timeline(),
                intent == null ? null : intent.to(),
                facts.epoch(),
                written(intent),
                facts.maxTimeline(),
                facts.systemId() == null ? null : facts.systemId().value(),
                facts.initdbMember(),
                facts.promotable(),
                facts.synchronous().stream()
                        .map(set -> new PostgresClusterStatus.SynchronousSet(set.standbys(), set.number()))
                        .toList(),
                facts.restart(),
                members.size(),
                (int) members.stream()
                        .filter(member -> Boolean.TRUE.equals(member.ready()))
                        .count(),
                "primacy.dev/cluster=" + cluster.names().cluster(),
                members.stream()
                        .map(MemberStatus::lagBytes)
                        .filter(Objects::nonNull)
                        .max(Long::compare)
                        .orElse(null),
                members,
                pendingRestart(cluster),
                Conditions.of(cluster, health, generation, now),
                new PostgresClusterStatus.Binding(cluster.names().appSecret()),
                cluster.names().readWriteHost(),
                cluster.names().readOnlyHost(),
                cluster.spec().postgresVersion(),
                timeToReady,
                lastFailover(cluster, facts, now));
    }

    /** A pass that writes facts down does nothing about the spec yet, so that the next one is still the first that does. */
    private static long observed(ClusterView cluster, Facts facts) {
        Long before = cluster.status().observedGeneration();
        return before != null && SpecChange.isNew(cluster) && !facts.equals(cluster.facts())
                ? before
                : cluster.generation();
    }

    private static PostgresClusterStatus.@Nullable Intent written(@Nullable Intent intent) {
        return intent == null
                ? null
                : new PostgresClusterStatus.Intent(
                        intent.kind().name(),
                        intent.deposed(),
                        intent.to(),
                        intent.timeline() == 0 ? null : intent.timeline(),
                        intent.reason(),
                        intent.since().toString(),
                        intent.chosenAt() == null ? null : intent.chosenAt().toString());
    }

    private static @Nullable PendingRestart pendingRestart(ClusterView cluster) {
        Map<String, List<String>> waiting = new TreeMap<>();
        for (MemberView member : cluster.members()) {
            List<String> parameters = Rollout.pending(cluster, member);
            if (!parameters.isEmpty()) {
                waiting.put(member.name(), parameters);
            } else if (Rollout.podIsOutdated(member)) {
                waiting.put(member.name(), List.of("pod template"));
            }
        }
        return waiting.isEmpty() ? null : new PendingRestart(waiting);
    }

    /** The change of the primary that this pass writes down, else the last one. */
    private static @Nullable LastFailover lastFailover(ClusterView cluster, Facts facts, Now now) {
        Intent fulfilled = cluster.facts().intent();
        if (fulfilled == null || !isFulfilled(fulfilled, facts)) {
            return LostLog.completed(cluster.status().lastFailover(), cluster, facts.primary());
        }
        String from = fulfilled.deposed().isEmpty() ? null : fulfilled.deposed().getFirst();
        String to = Objects.requireNonNull(facts.primary());
        return new LastFailover(
                from,
                to,
                fulfilled.reason(),
                now.wall().toString(),
                Duration.between(fulfilled.since(), now.wall()).toMillis(),
                LostLog.of(cluster, from, to));
    }

    private static boolean isFulfilled(Intent intent, Facts facts) {
        return facts.intent() == null
                && facts.primary() != null
                && intent.kind() != Intent.Kind.Bootstrap
                && facts.primary().equals(intent.to());
    }

    private StatusReport() {}
}
