package dev.primacy.operator.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster has decided and must not forget: kept in the status subresource, written only by compare-and-swap. A
 * rule that changes a fact acts on it only in a pass that finds it persisted (rules 1 and 2).
 *
 * @param epoch counter of leaderships and failovers; 0 before the first
 * @param members every member that may have data, by name, in order of ordinals
 * @param initdbMember the one member that was ever given the leave to initdb
 * @param primary the member that was last seen promoted under an intent
 * @param primaryContainer what the container calls itself in which the primary was last seen as such, by which its end is proven (rule 3)
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
        return changed(it -> it.epoch = value);
    }

    public Facts withMembers(List<String> value) {
        return changed(it -> it.members = value);
    }

    public Facts withSystemId(SystemId value) {
        return changed(it -> it.systemId = value);
    }

    public Facts withInitdbMember(String value) {
        return changed(it -> it.initdbMember = value);
    }

    /** Writes the intent down; its timeline is reserved from now on (rule 6). */
    public Facts withIntent(@Nullable Intent value) {
        return changed(it -> {
            it.intent = value;
            it.maxTimeline = value == null ? maxTimeline : Math.max(maxTimeline, value.timeline());
        });
    }

    /** The promotion was seen: {@code member} is the primary, and the intent is fulfilled. */
    public Facts withPrimary(String member, @Nullable String container, int timeline) {
        return changed(it -> {
            it.primary = member;
            it.primaryContainer = container;
            it.intent = null;
            it.maxTimeline = Math.max(maxTimeline, timeline);
        });
    }

    /** Timelines up to this one are known to have been used. */
    public Facts withTimelinesUpTo(int timeline) {
        return timeline <= maxTimeline ? this : changed(it -> it.maxTimeline = timeline);
    }

    public Facts withPromotable(List<List<String>> value) {
        return changed(it -> it.promotable = value);
    }

    public Facts withSynchronous(List<SynchronousSet> value) {
        return changed(it -> it.synchronous = value);
    }

    public Facts withRestart(String value) {
        return changed(it -> it.restart = value);
    }

    public Facts withIncarnation(String member, @Nullable String volume) {
        Map<String, String> known = new LinkedHashMap<>(incarnations);
        if (volume == null) {
            known.remove(member);
        } else {
            known.put(member, volume);
        }
        return changed(it -> it.incarnations = known);
    }

    private Facts changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.facts();
    }

    /** Lives for one change, which names what it sets and leaves the rest. */
    private static final class Draft {
        private long epoch;
        private List<String> members;
        private @Nullable SystemId systemId;
        private @Nullable String initdbMember;
        private @Nullable String primary;
        private @Nullable String primaryContainer;
        private @Nullable Intent intent;
        private int maxTimeline;
        private List<List<String>> promotable;
        private List<SynchronousSet> synchronous;
        private Map<String, String> incarnations;
        private @Nullable String restart;

        Draft(Facts facts) {
            epoch = facts.epoch;
            members = facts.members;
            systemId = facts.systemId;
            initdbMember = facts.initdbMember;
            primary = facts.primary;
            primaryContainer = facts.primaryContainer;
            intent = facts.intent;
            maxTimeline = facts.maxTimeline;
            promotable = facts.promotable;
            synchronous = facts.synchronous;
            incarnations = facts.incarnations;
            restart = facts.restart;
        }

        Facts facts() {
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
                    restart);
        }
    }
}
