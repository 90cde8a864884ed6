package dev.primacy.operator.decide;

import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.SystemId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing to do to the world. Each may be repeated, and each may fail: the next pass sees what came of it. SQL actions run
 * in a session that holds the member under the view's epoch (rule 1).
 */
public sealed interface Action {

    /** An action that SQL carries out on one member. */
    sealed interface Sql extends Action {
        String member();
    }

    /** An action on Kubernetes objects. */
    sealed interface Kube extends Action {}

    // --- SQL ---------------------------------------------------------------------------------------------------------

    /** Writes the epoch on the member. Opening a session under an epoch does it; this does nothing else. */
    record AdoptEpoch(String member) implements Sql {}

    /**
     * Rule "vote": raise the epoch, empty primary_conninfo, and see the walreceiver gone. For whom commits waited when it was primary
     * before, if it was, is not for whom they wait if it is again.
     */
    record Vote(String member, String synchronousStandbyNames) implements Sql {}

    /**
     * Rule 7: reserve the timelines up to {@code maxTimeline}, set synchronous_standby_names and P, end the clients, promote,
     * and wait until it is out of recovery.
     *
     * @param container what the container must call itself in which this takes effect (rule 3); null if its script does not say
     * @param reserveTo the greatest timeline that must not be used again: it is promoted to the next, or not at all
     */
    record Promote(
            String member,
            @Nullable String container,
            int reserveTo,
            String synchronousStandbyNames,
            List<String> promotable)
            implements Sql {}

    /** Streams from {@code host} through {@code slot}; an empty host follows nobody. */
    record Follow(String member, String host, int port, String slot) implements Sql {}

    record SetSynchronous(String member, String synchronousStandbyNames) implements Sql {}

    record SetPromotable(String member, List<String> promotable) implements Sql {}

    /** Waits until the files with this hash are projected and have no errors, then reloads. */
    record Reload(String member, String configHash, String certificateHash) implements Sql {}

    record CreateSlot(String member, String slot) implements Sql {}

    record DropSlot(String member, String slot) implements Sql {}

    /** Asked for at once; it goes on when nobody waits for it any more. */
    record Checkpoint(String member) implements Sql {}

    /**
     * A checkpoint, then a bounded fast stop by the script, which opens PostgreSQL again, as a standby unless solo.
     *
     * @param lower whether the script, while PostgreSQL is cleanly stopped, writes lowered values of max_connections and its kin
     *     into the control file (rule 9b); only for a primary that is to be primary again
     */
    record RestartInPlace(String member, boolean lower) implements Sql {}

    /** Puts or clears the flag in the data directory with which a member of one may start as primary by itself. */
    record SetSolo(String member, boolean solo) implements Sql {}

    /**
     * The owner's role, its password, its database: brought to what the spec and the Secret say.
     *
     * @param roles the roles that were seen when this was decided
     */
    record EnsureApplication(String member, String hash, String roles) implements Sql {}

    // --- Kubernetes
    // ----------------------------------------------------------------------------------------------------

    /**
     * Points the -rw Service at the member: one atomic patch of its selector (rule 10), which has no effect where somebody else has
     * moved it meanwhile.
     *
     * @param from whom it led to when this was decided; null if nobody
     */
    record Route(String member, @Nullable String from) implements Kube {}

    /** Sets the pod's role label and whether -ro sends reads to it. */
    record Label(String member, String role, boolean reads) implements Kube {}

    /** The readiness gate {@code primacy.dev/ready}. */
    record SetReady(String member, boolean ready, String reason) implements Kube {}

    /** Touches the pod so that the kubelet projects ConfigMaps and Secrets at once. */
    record TouchConfig(String member, String configHash) implements Kube {}

    /** The second channel: an annotation on the pod that the script obeys once per id. */
    record Instruct(String member, Instruction instruction) implements Kube {}

    /** Deletes this very pod; the StatefulSet makes it anew from the current template. */
    record DeletePod(String member, String uid, @Nullable Duration grace, String reason) implements Kube {}

    /**
     * Removes these very objects of the member: another of that name may be there by the time that it is done.
     *
     * @param claimUid null where the claim stays, or there is none
     */
    record RemoveMember(
            String member,
            @Nullable String statefulSetUid,
            @Nullable String claimUid) implements Kube {}

    /** Deletes this very claim, whose volume is gone for good; the member gets another (rule 9a). */
    record DeleteClaim(String member, String uid) implements Kube {}

    /** Writes on this very claim of the member whose data it holds, so that it outlives the status. */
    record AnnotateClaim(String member, String uid, SystemId systemId, long epoch) implements Kube {}

    /** Removes a request annotation from the resource once it was taken up or refused. */
    record ConsumeRequest(String name) implements Kube {}

    /** The time to live has passed: delete this very resource. */
    record DeleteCluster(String uid, String reason) implements Kube {}
}
