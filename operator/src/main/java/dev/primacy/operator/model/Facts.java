package dev.primacy.operator.model;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster has decided and must not forget: kept in the status subresource, written only by compare-and-swap. A
 * rule that changes a fact acts on it only in a pass that finds it persisted (rules 1 and 2).
 *
 * @param epoch counter of leaderships; 0 before the first
 * @param members every member that may have data, by name
 * @param initdbMember the one member that was ever given the leave to initdb
 * @param target the member that a promotion, failover or switchover has chosen
 * @param targetTimeline the timeline reserved for it
 * @param maxTimeline the greatest timeline that may ever have been promoted
 * @param promotable every promotable set P that may be in force; each contains the primary
 * @param synchronous every (S, k) that may be in force
 */
public record Facts(
        long epoch,
        List<String> members,
        @Nullable SystemId systemId,
        @Nullable String initdbMember,
        @Nullable String primary,
        @Nullable String target,
        int targetTimeline,
        int maxTimeline,
        List<List<String>> promotable,
        List<SynchronousSet> synchronous) {

    public static final Facts NONE = new Facts(0, List.of(), null, null, null, null, 0, 0, List.of(), List.of());

    /** Commits wait for {@code number} of {@code standbys}. */
    public record SynchronousSet(List<String> standbys, int number) {
        public SynchronousSet {
            standbys = List.copyOf(standbys);
        }
    }

    public Facts {
        members = List.copyOf(members);
        promotable = promotable.stream().map(List::copyOf).toList();
        synchronous = List.copyOf(synchronous);
    }

    public Optional<String> routed() {
        return Optional.ofNullable(primary);
    }

    public Facts withEpoch(long newEpoch) {
        return new Facts(
                newEpoch,
                members,
                systemId,
                initdbMember,
                primary,
                target,
                targetTimeline,
                maxTimeline,
                promotable,
                synchronous);
    }

    public Facts withMembers(List<String> newMembers) {
        return new Facts(
                epoch,
                newMembers,
                systemId,
                initdbMember,
                primary,
                target,
                targetTimeline,
                maxTimeline,
                promotable,
                synchronous);
    }

    public Facts withSystemId(SystemId newSystemId) {
        return new Facts(
                epoch,
                members,
                newSystemId,
                initdbMember,
                primary,
                target,
                targetTimeline,
                maxTimeline,
                promotable,
                synchronous);
    }

    public Facts withInitdbMember(String member) {
        return new Facts(
                epoch,
                members,
                systemId,
                member,
                primary,
                target,
                targetTimeline,
                maxTimeline,
                promotable,
                synchronous);
    }

    /** The intent of rule 2: who is to be promoted, and the timeline that is reserved for it. */
    public Facts withTarget(String member, int timeline) {
        return new Facts(
                epoch,
                members,
                systemId,
                initdbMember,
                primary,
                member,
                timeline,
                Math.max(maxTimeline, timeline),
                promotable,
                synchronous);
    }

    /** The promotion was seen: {@code member} is the primary, and the intent is fulfilled. */
    public Facts withPrimary(String member, int timeline) {
        return new Facts(
                epoch,
                members,
                systemId,
                initdbMember,
                member,
                null,
                0,
                Math.max(maxTimeline, timeline),
                promotable,
                synchronous);
    }

    public Facts withPromotable(List<List<String>> sets) {
        return new Facts(
                epoch,
                members,
                systemId,
                initdbMember,
                primary,
                target,
                targetTimeline,
                maxTimeline,
                sets,
                synchronous);
    }

    public Facts withSynchronous(List<SynchronousSet> sets) {
        return new Facts(
                epoch, members, systemId, initdbMember, primary, target, targetTimeline, maxTimeline, promotable, sets);
    }
}
