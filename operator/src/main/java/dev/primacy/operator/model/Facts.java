package dev.primacy.operator.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster has decided and must not forget: kept in the status subresource, written only by compare-and-swap. A
 * rule that changes a fact acts on it only in a pass that finds it persisted (rules 1 and 2).
 *
 * @param epoch counter of leaderships and failovers; 0 before the first
 * @param members every member that may have data, by name, in order of ordinals
 * @param initdbMember the one member that was ever given the leave to initdb
 * @param primary the member that was last seen promoted under an intent
 * @param primaryContainer id of the container in which the primary was promoted, by which its end is proven (rule 3)
 * @param intent what is about to happen to the primary
 * @param maxTimeline the greatest timeline that may ever have been promoted
 * @param promotable every promotable set P that may be in force; each contains the primary
 * @param synchronous every (S, k) that may be in force
 * @param incarnations per member, the volume that its data was last seen on: the uid of its claim or, on emptyDir, of its pod
 * @param restart the last rolling restart that was asked for, by the request's own value; the pods' template carries it
 */
public record Facts(
        long epoch,
        List<String> members,
        @Nullable SystemId systemId,
        @Nullable String initdbMember,
        @Nullable String primary,
        @Nullable String primaryContainer,
        @Nullable Intent intent,
        int maxTimeline,
        List<List<String>> promotable,
        List<SynchronousSet> synchronous,
        Map<String, String> incarnations,
        @Nullable String restart) {

    public static final Facts NONE =
            new Facts(0, List.of(), null, null, null, null, null, 0, List.of(), List.of(), Map.of(), null);

    /** Commits wait for {@code number} of {@code standbys}; nobody and 0 when they wait for none. */
    public record SynchronousSet(List<String> standbys, int number) {
        public static final SynchronousSet NONE = new SynchronousSet(List.of(), 0);

        public SynchronousSet {
            standbys = List.copyOf(standbys);
        }

        /** The value of synchronous_standby_names. Names are quoted, since they contain hyphens. */
        public String synchronousStandbyNames() {
            if (number == 0) {
                return "";
            }
            return "ANY " + number + " (\"" + String.join("\", \"", standbys) + "\")";
        }
    }

    public Facts {
        members = List.copyOf(members);
        promotable = promotable.stream().map(List::copyOf).toList();
        synchronous = List.copyOf(synchronous);
        incarnations = Map.copyOf(incarnations);
    }

    public Optional<String> target() {
        return Optional.ofNullable(intent).map(Intent::to);
    }

    public Facts withEpoch(long value) {
        return new Facts(
                value,
                members,
                systemId,
                initdbMember,
                primary,
                primaryContainer,
                intent,
                maxTimeline,
                promotable,
                synchronous,
                incarnations,
                restart);
    }

    public Facts withMembers(List<String> value) {
        return new Facts(
                epoch,
                value,
                systemId,
                initdbMember,
                primary,
                primaryContainer,
                intent,
                maxTimeline,
                promotable,
                synchronous,
                incarnations,
                restart);
    }

    public Facts withSystemId(SystemId value) {
        return new Facts(
                epoch,
                members,
                value,
                initdbMember,
                primary,
                primaryContainer,
                intent,
                maxTimeline,
                promotable,
                synchronous,
                incarnations,
                restart);
    }

    public Facts withInitdbMember(String value) {
        return new Facts(
                epoch,
                members,
                systemId,
                value,
                primary,
                primaryContainer,
                intent,
                maxTimeline,
                promotable,
                synchronous,
                incarnations,
                restart);
    }

    /** Writes the intent down; its timeline is reserved from now on (rule 6). */
    public Facts withIntent(@Nullable Intent value) {
        int reserved = value == null ? maxTimeline : Math.max(maxTimeline, value.timeline());
        return new Facts(
                epoch,
                members,
                systemId,
                initdbMember,
                primary,
                primaryContainer,
                value,
                reserved,
                promotable,
                synchronous,
                incarnations,
                restart);
    }

    /** The promotion was seen: {@code member} is the primary, and the intent is fulfilled. */
    public Facts withPrimary(String member, @Nullable String container, int timeline) {
        return new Facts(
                epoch,
                members,
                systemId,
                initdbMember,
                member,
                container,
                null,
                Math.max(maxTimeline, timeline),
                promotable,
                synchronous,
                incarnations,
                restart);
    }

    /** Timelines up to this one are known to have been used. */
    public Facts withTimelinesUpTo(int timeline) {
        return timeline <= maxTimeline
                ? this
                : new Facts(
                        epoch,
                        members,
                        systemId,
                        initdbMember,
                        primary,
                        primaryContainer,
                        intent,
                        timeline,
                        promotable,
                        synchronous,
                        incarnations,
                        restart);
    }

    public Facts withPromotable(List<List<String>> value) {
        return new Facts(
                epoch,
                members,
                systemId,
                initdbMember,
                primary,
                primaryContainer,
                intent,
                maxTimeline,
                value,
                synchronous,
                incarnations,
                restart);
    }

    public Facts withSynchronous(List<SynchronousSet> value) {
        return new Facts(
                epoch,
                members,
                systemId,
                initdbMember,
                primary,
                primaryContainer,
                intent,
                maxTimeline,
                promotable,
                value,
                incarnations,
                restart);
    }

    public Facts withRestart(String value) {
        return new Facts(
                epoch,
                members,
                systemId,
                initdbMember,
                primary,
                primaryContainer,
                intent,
                maxTimeline,
                promotable,
                synchronous,
                incarnations,
                value);
    }

    public Facts withIncarnation(String member, @Nullable String volume) {
        Map<String, String> changed = new LinkedHashMap<>(incarnations);
        if (volume == null) {
            changed.remove(member);
        } else {
            changed.put(member, volume);
        }
        return new Facts(
                epoch,
                members,
                systemId,
                initdbMember,
                primary,
                primaryContainer,
                intent,
                maxTimeline,
                promotable,
                synchronous,
                changed,
                restart);
    }
}
