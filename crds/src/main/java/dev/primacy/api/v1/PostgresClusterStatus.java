package dev.primacy.api.v1;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the operator saw and decided. Written whole, by PUT with a resourceVersion. */
public record PostgresClusterStatus(
        @Nullable Long observedGeneration,
        @Nullable String phase,
        @Nullable String reason,
        @Nullable String primary,
        @Nullable String target,
        @Nullable Long epoch,
        @Nullable Intent intent,
        @Nullable String primaryContainer,
        @Nullable Integer maxTimeline,
        @Nullable String systemId,
        @Nullable String initdbMember,
        List<List<String>> promotable,
        List<SynchronousSet> synchronous,
        @Nullable Integer instances,
        @Nullable Integer readyInstances,
        @Nullable String selector,
        List<MemberStatus> members,
        @Nullable PendingRestart pendingRestart,
        List<Condition> conditions,
        @Nullable Binding binding,
        @Nullable String writeService,
        @Nullable String readService,
        @Nullable Integer postgresVersion,
        @Nullable Double timeToReadySeconds,
        @Nullable LastFailover lastFailover) {

    public PostgresClusterStatus {
        promotable = promotable == null ? List.of() : List.copyOf(promotable);
        synchronous = synchronous == null ? List.of() : List.copyOf(synchronous);
        members = members == null ? List.of() : List.copyOf(members);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    /**
     * What the operator is about to do to the primary; written before the first action of it, so that another operator
     * process can finish it.
     */
    public record Intent(
            String kind,
            List<String> deposed,
            @Nullable String to,
            @Nullable Integer timeline,
            String reason,
            String since) {
        public Intent {
            deposed = deposed == null ? List.of() : List.copyOf(deposed);
        }
    }

    /** A (S, k) that may be in force: commits wait for {@code number} of {@code standbys}. */
    public record SynchronousSet(List<String> standbys, int number) {
        public SynchronousSet {
            standbys = standbys == null ? List.of() : List.copyOf(standbys);
        }
    }

    public record MemberStatus(
            String name,
            @Nullable String role,
            @Nullable String state,
            @Nullable Integer timeline,
            @Nullable String lsn,
            @Nullable Long lagBytes,
            @Nullable String slot,
            @Nullable String syncState,
            @Nullable Boolean ready,
            @Nullable String node,
            @Nullable String incarnation) {}

    /** Which members wait for a restart, each with the parameters that it is for. */
    public record PendingRestart(Map<String, List<String>> members) {
        public PendingRestart {
            members = members == null ? Map.of() : Map.copyOf(members);
        }
    }

    public record Binding(String name) {}

    public record LastFailover(
            @Nullable String from,
            String to,
            String reason,
            String at,
            @Nullable Long writeGapMillis,
            @Nullable String lostBytes) {}
}
