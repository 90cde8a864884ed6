package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Leave;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rule 3: whether a member that may be primary is proven to be none any more, and by what. */
sealed interface Fencing {

    record Proven(String by) implements Fencing {}

    /** @param remaining until time alone will be the proof; empty while it cannot be */
    record Unproven(String waitingFor, Optional<Duration> remaining) implements Fencing {}

    static Fencing of(String suspect, ClusterView cluster, Votes votes, Now now) {
        MemberView member = cluster.member(suspect).orElse(null);
        if (member != null && inRecovery(member, cluster)) {
            return new Proven("it is in recovery");
        }
        boolean risesAgain = member != null && SecondChannel.mayStillPromote(member, cluster);
        if (!risesAgain && containerEnded(suspect, cluster)) {
            return new Proven("the kubelet reported the end of its container");
        }
        if (!risesAgain && member != null && nodeIsOff(member, cluster)) {
            return new Proven("its node is tainted out-of-service: the administrator vouches that it is off");
        }
        return byTime(member, suspect, cluster, votes, now);
    }

    /**
     * The kubelet reported that very container terminated. The pod's absence is no proof, nor is the status that the pod
     * garbage collector makes up (ContainerStatusUnknown). Both the member, over SQL, and the report bear the name that the
     * container gave itself, so that a report that comes late is not taken for that of a later container; and an order to promote
     * has no effect in another container than that for which it was given.
     */
    private static boolean containerEnded(String suspect, ClusterView cluster) {
        String container = cluster.facts().containers().get(suspect);
        return container != null && cluster.endedContainers().contains(container);
    }

    /**
     * SQL shows it in recovery under the new epoch, on the same data: the script's lock on the volume keeps a second
     * postmaster off it. On emptyDir another pod is another volume and proves nothing. It also has to wait for log: it may have
     * been told to become primary, a recorded primary that crashed as well. The new epoch took that order back if it was not
     * begun; a promotion that is under way shows recovery for as long as it takes, but does not wait.
     */
    static boolean inRecovery(MemberView member, ClusterView cluster) {
        return member.probe() instanceof Probe.Standby standby
                && standby.epoch() >= cluster.facts().epoch()
                && standby.atEnd()
                && Incarnation.isRecorded(member, cluster.facts());
    }

    /** The administrator vouches that the node is off (taint node.kubernetes.io/out-of-service). */
    private static boolean nodeIsOff(MemberView member, ClusterView cluster) {
        return OutOfService.covers(member) && Incarnation.isRecorded(member, cluster.facts());
    }

    /**
     * Time is a proof only with votes of a quorum: then no grant is out any more, no quorum of peers streams from the old
     * primary, and its script has had the time to notice and to kill. So it is whatever the durability: which members have
     * to vote for no commit to be lost is for rule 4 ({@link Votes#holdEveryCommit}) to say, after this.
     */
    private static Fencing byTime(
            @Nullable MemberView member, String suspect, ClusterView cluster, Votes votes, Now now) {
        List<List<String>> promotable = cluster.facts().promotable();
        if (!votes.reachQuorumOf(promotable, suspect)) {
            return new Unproven(
                    "the votes of " + suspect + "'s peers, or proof that " + suspect + " does not run any more",
                    Optional.empty());
        }
        Duration lastGrant = member == null || member.lastGrant() == null ? Duration.ZERO : member.lastGrant();
        Duration grantsEnd = max(cluster.leaderSince(), lastGrant).plus(Leave.GRANT_TTL);
        Duration streamsEnd = votes.complete().plus(Leave.WAL_TIMEOUT);
        Duration fencedAt = max(grantsEnd, streamsEnd).plus(Timing.FENCE_MARGIN);
        Duration remaining = fencedAt.minus(now.monotonic());
        if (remaining.isPositive()) {
            return new Unproven(
                    suspect + " to be fenced by its own script in " + Math.max(1, remaining.toSeconds()) + " s",
                    Optional.of(remaining));
        }
        return new Proven("its leave to write has run out, and a majority of its peers left it");
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
