package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the operator saw and decided. Written whole, by PUT with a resourceVersion. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PostgresClusterStatus(
        @JsonPropertyDescription(
                "metadata.generation that this status speaks of; -1 until the operator has seen the cluster.")
        @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Where the cluster stands, in one word.") @SelectableField @Nullable
        String phase,

        @JsonPropertyDescription("Why it stands there and what to do next, in words.") @Nullable
        String reason,

        @JsonPropertyDescription("Member that is the primary and that <name>-rw leads to.") @Nullable
        String primary,

        @JsonPropertyDescription("Timeline on which the primary was last seen; each promotion begins another.")
        @Nullable
        Integer timeline,

        @JsonPropertyDescription("Member that is being made the primary; absent when none is.") @Nullable
        String target,

        @JsonPropertyDescription(
                "Counter that a takeover by an operator replica and every failover raise, so that orders of an earlier one have no"
                        + " effect.")
        @Nullable
        Long epoch,

        @JsonPropertyDescription("What the operator is about to do to the primary; absent when nothing.") @Nullable
        Intent intent,

        @JsonPropertyDescription(
                "Highest timeline that any member has ever begun or was told to begin; none below it is used again.")
        @Nullable
        Integer maxTimeline,

        @JsonPropertyDescription("System identifier of the data, from initdb; members with another one are refused.")
        @Nullable
        String systemId,

        @JsonPropertyDescription("Member that may run, or has run, initdb.") @Nullable
        String initdbMember,

        @JsonPropertyDescription(
                "Every promotable set that may be in force: the primary and the members that may take its place without proof that"
                        + " it is dead.")
        List<List<String>> promotable,

        @JsonPropertyDescription("Every synchronous set that may be in force.")
        List<SynchronousSet> synchronous,

        @JsonPropertyDescription(
                "Value of the last annotation primacy.dev/restart, which asked for a rolling restart; absent before the first.")
        @Nullable
        String restart,

        @JsonPropertyDescription("Members that exist (scale subresource).") @Nullable
        Integer instances,

        @JsonPropertyDescription("Members that are ready.") @Nullable
        Integer readyInstances,

        @JsonPropertyDescription("Label selector of the members' pods (scale subresource).") @Nullable
        String selector,

        @JsonPropertyDescription("Largest lag of a standby in bytes of WAL; brought up to date every 30 s at most.")
        @Nullable
        Long lagBytes,

        @JsonPropertyDescription("The members one by one.") List<MemberStatus> members,

        @JsonPropertyDescription("What waits for a restart; absent when nothing does.") @Nullable
        PendingRestart pendingRestart,

        @JsonPropertyDescription(
                "Ready, PrimaryAvailable, ReplicationHealthy, and, while they hold, Reconciling and Stalled (kstatus).")
        List<Condition> conditions,

        @JsonPropertyDescription("Secret with the owner's credentials, as servicebinding.io asks.") @Nullable
        Binding binding,

        @JsonPropertyDescription("DNS name of the Service that leads to the primary.") @Nullable
        String writeService,

        @JsonPropertyDescription("DNS name of the Service that leads to the standbys.") @Nullable
        String readService,

        @JsonPropertyDescription("Major version that runs.") @Nullable
        Integer postgresVersion,

        @JsonPropertyDescription("Seconds from the cluster's creation until it was Ready for the first time.") @Nullable
        Double timeToReadySeconds,

        @JsonPropertyDescription("The last change of the primary, planned or not.") @Nullable
        LastFailover lastFailover) {

    /** Of a cluster that the operator has not written anything about. */
    public static final PostgresClusterStatus NONE = new PostgresClusterStatus(
            null, null, null, null, null, null, null, null, null, null, null, List.of(), List.of(), null, null, null,
            null, null, List.of(), null, List.of(), null, null, null, null, null, null);

    public PostgresClusterStatus {
        promotable = promotable == null ? List.of() : List.copyOf(promotable);
        synchronous = synchronous == null ? List.of() : List.copyOf(synchronous);
        members = members == null ? List.of() : List.copyOf(members);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    /** Another word on where the cluster stands; what is known of its members stays. */
    public PostgresClusterStatus withStanding(
            long newGeneration, String newPhase, String newReason, List<Condition> newConditions) {
        return with(newGeneration, newPhase, newReason, epoch, lagBytes, members, newConditions);
    }

    /** The same of a cluster that another operator process has taken over. */
    public PostgresClusterStatus withEpoch(long newEpoch) {
        return with(observedGeneration, phase, reason, newEpoch, lagBytes, members, conditions);
    }

    /** Without what changes all the time: positions in the WAL, and lag. */
    public PostgresClusterStatus withoutPositions() {
        return with(
                observedGeneration,
                phase,
                reason,
                epoch,
                null,
                members.stream().map(MemberStatus::withoutPosition).toList(),
                conditions);
    }

    private PostgresClusterStatus with(
            @Nullable Long newGeneration,
            @Nullable String newPhase,
            @Nullable String newReason,
            @Nullable Long newEpoch,
            @Nullable Long newLag,
            List<MemberStatus> newMembers,
            List<Condition> newConditions) {
        return new PostgresClusterStatus(
                newGeneration,
                newPhase,
                newReason,
                primary,
                timeline,
                target,
                newEpoch,
                intent,
                maxTimeline,
                systemId,
                initdbMember,
                promotable,
                synchronous,
                restart,
                instances,
                readyInstances,
                selector,
                newLag,
                newMembers,
                pendingRestart,
                newConditions,
                binding,
                writeService,
                readService,
                postgresVersion,
                timeToReadySeconds,
                lastFailover);
    }

    /**
     * What the operator is about to do to the primary; written before the first action of it, so that another operator
     * process can finish it.
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Intent(
            @JsonPropertyDescription("Failover, Switchover and the like.")
            String kind,

            @JsonPropertyDescription("Members that may still believe to be the primary.")
            List<String> deposed,

            @JsonPropertyDescription("Member that is to become the primary; absent until it is chosen.") @Nullable
            String to,

            @JsonPropertyDescription("Timeline that it is to begin.") @Nullable
            Integer timeline,

            @JsonPropertyDescription("Why.") String reason,

            @JsonPropertyDescription("Since when, as an RFC 3339 time.")
            String since,

            @JsonPropertyDescription("When that member was chosen, as an RFC 3339 time.") @Nullable
            String chosenAt) {
        public Intent {
            deposed = deposed == null ? List.of() : List.copyOf(deposed);
        }
    }

    /** A (S, k) that may be in force: commits wait for {@code number} of {@code standbys}. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record SynchronousSet(
            @JsonPropertyDescription("Standbys that commits may wait for.")
            List<String> standbys,

            @JsonPropertyDescription("How many of them a commit waits for.")
            int number) {
        public SynchronousSet {
            standbys = standbys == null ? List.of() : List.copyOf(standbys);
        }
    }

    /** One member as it was last seen. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record MemberStatus(
            @JsonPropertyDescription("Name of the member: <cluster>-<number>.") @Required
            String name,

            @JsonPropertyDescription("Primary or standby.") @Nullable
            String role,

            @JsonPropertyDescription(
                    "What it does: streaming, starting, cloning, unreachable and the like, in words for people.")
            @Nullable
            String state,

            @JsonPropertyDescription("Timeline it is on.") @Nullable
            Integer timeline,

            @JsonPropertyDescription("Write-ahead log position, as PostgreSQL writes it (0/3000060).") @Nullable
            String lsn,

            @JsonPropertyDescription(
                    "Bytes of WAL that it has not flushed yet; what it has yet to replay, where that is much, is in its state.")
            @Nullable
            Long lagBytes,

            @JsonPropertyDescription("Replication slot that keeps its WAL on the primary.") @Nullable
            String slot,

            @JsonPropertyDescription("async, sync, quorum or potential, as pg_stat_replication says.") @Nullable
            String syncState,

            @JsonPropertyDescription("Whether it serves clients.") @Nullable
            Boolean ready,

            @JsonPropertyDescription("Node that it runs on.") @Nullable
            String node,

            @JsonPropertyDescription(
                    "Volume that its data was last seen on: UID of the PersistentVolumeClaim or, on emptyDir, of the pod.")
            @Nullable
            String incarnation,

            @JsonPropertyDescription(
                    "Container in which it was last seen as primary, or is to become it, by the name that the container gave itself"
                            + " (primacy.container); its termination message bears the same.")
            @Nullable
            String container) {

        private MemberStatus withoutPosition() {
            return new MemberStatus(
                    name, role, state, timeline, null, null, slot, syncState, ready, node, incarnation, container);
        }
    }

    /** Which members wait for a restart, each with the parameters that it is for. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record PendingRestart(
            @JsonPropertyDescription("By member: the parameters whose new value waits for its restart.")
            Map<String, List<String>> members) {
        public PendingRestart {
            members = members == null ? Map.of() : Map.copyOf(members);
        }
    }

    /** A Provisioned Service's reference (servicebinding.io). */
    public record Binding(
            @JsonPropertyDescription("Name of the Secret, in the cluster's namespace.")
            String name) {}

    /** The last change of the primary. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record LastFailover(
            @JsonPropertyDescription("Primary before.") @Nullable
            String from,

            @JsonPropertyDescription("Primary after.") String to,

            @JsonPropertyDescription("Why.") String reason,

            @JsonPropertyDescription("When, as an RFC 3339 time.")
            String at,

            @JsonPropertyDescription("Milliseconds during which no primary took writes, as far as the operator saw.")
            @Nullable
            Long writeGapMillis,

            @JsonPropertyDescription(
                    "Bytes of WAL of the former primary that the new one lacks; unknown until the former is back and shows where its log ends.")
            @Nullable
            String lostBytes) {}
}
