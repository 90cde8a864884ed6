package dev.primacy.operator.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster has decided and must not forget: kept in the status subresource, written only by compare-and-swap. A
 * rule that changes a fact acts on it only in a pass that finds it persisted (rules 1 and 2).
 *
 * @param epoch counter of leaderships and failovers; 0 before the first
 * @param members every member that may have data, by name, in order of ordinals
 * @param initdbMember the one member that was ever given the leave to initdb
 * @param primary the member that was last seen promoted under an intent
 * @param timeline on which the primary was last seen; 0 before there was one
 * @param intent what is about to happen to the primary
 * @param maxTimeline the greatest timeline that may ever have been promoted
 * @param promotable every promotable set P that may be in force; each contains the primary
 * @param synchronous every (S, k) that may be in force
 * @param incarnations per member, the volume that its data was last seen on: the uid of its claim or, on emptyDir, of its pod
 * @param containers per member, what the container calls itself in which it was last seen as primary, or in which alone it may become
 *     one: by its end the member is proven to be none (rule 3)
 * @param restart the last rolling restart that was asked for, by the request's own value; the pods' template carries it
 */
public record Facts(
        long epoch,
        List<String> members,
        @Nullable SystemId systemId,
        @Nullable String initdbMember,
        @Nullable String primary,
        int timeline,
        @Nullable Intent intent,
        int maxTimeline,
        List<List<String>> promotable,
        List<SynchronousSet> synchronous,
        Map<String, String> incarnations,
        Map<String, String> containers,
        @Nullable String restart) {

    public static final Facts NONE =
            new Facts(0, List.of(), null, null, null, 0, null, 0, List.of(), List.of(), Map.of(), Map.of(), null);

    /**
     * Commits wait for {@code number} of {@code standbys}; nobody and 0 when they wait for none. With fewer standbys than that they wait until
     * there are enough.
     */
    public record SynchronousSet(List<String> standbys, int number) {
        public static final SynchronousSet NONE = new SynchronousSet(List.of(), 0);

        public SynchronousSet {
            standbys = List.copyOf(standbys);
        }

        /** The value of synchronous_standby_names. An empty list would be none in PostgreSQL's grammar, hence a name that nobody has. */
        public String synchronousStandbyNames() {
            if (number == 0) {
                return "";
            }
            String names = standbys.stream().map(SynchronousSet::quoted).collect(Collectors.joining(", "));
            return "ANY " + number + " (" + (names.isEmpty() ? "nobody" : names) + ")";
        }

        /** Names contain hyphens. */
        public static String quoted(String standby) {
            return '"' + standby + '"';
        }
    }

    public Facts {
        members = List.copyOf(members);
        promotable = promotable.stream().map(List::copyOf).toList();
        synchronous = List.copyOf(synchronous);
        incarnations = Map.copyOf(incarnations);
        containers = Map.copyOf(containers);
    }

    public Optional<String> target() {
        return Optional.ofNullable(intent).map(Intent::to);
    }

    public Facts withEpoch(long value) {
        return changed(it -> it.epoch = value);
    }

    /** What is known of others is forgotten. */
    public Facts withMembers(List<String> value) {
        return changed(it -> {
            it.members = value;
            it.incarnations = of(value, incarnations);
            it.containers = of(value, containers);
        });
    }

    private static Map<String, String> of(List<String> members, Map<String, String> map) {
        Map<String, String> kept = new LinkedHashMap<>(map);
        kept.keySet().retainAll(members);
        return kept;
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

    /** The promotion was seen: {@code member} is the primary, on {@code begun}, and the intent is fulfilled. */
    public Facts withPrimary(String member, @Nullable String container, int begun) {
        return changed(it -> {
            it.primary = member;
            it.timeline = begun;
            it.containers = with(containers, member, container);
            it.intent = null;
            it.maxTimeline = Math.max(maxTimeline, begun);
        });
    }

    /** Whoever it was, others may have reigned since. */
    public Facts withoutPrimary() {
        return changed(it -> it.primary = null);
    }

    /** Timelines up to this one are known to have been used. */
    public Facts withTimelinesUpTo(int greatest) {
        return greatest <= maxTimeline ? this : changed(it -> it.maxTimeline = greatest);
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
        return changed(it -> it.incarnations = with(incarnations, member, volume));
    }

    /** {@code member} is primary in no other container than this one; null where its name is not known. */
    public Facts withContainer(String member, @Nullable String container) {
        return changed(it -> it.containers = with(containers, member, container));
    }

    /** For facts that are older than what the members know: a container that ended proves nothing of the next. */
    public Facts withoutContainers() {
        return changed(it -> it.containers = Map.of());
    }

    private static Map<String, String> with(Map<String, String> map, String key, @Nullable String value) {
        Map<String, String> changed = new LinkedHashMap<>(map);
        if (value == null) {
            changed.remove(key);
        } else {
            changed.put(key, value);
        }
        return changed;
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
        private int timeline;
        private @Nullable Intent intent;
        private int maxTimeline;
        private List<List<String>> promotable;
        private List<SynchronousSet> synchronous;
        private Map<String, String> incarnations;
        private Map<String, String> containers;
        private @Nullable String restart;

        Draft(Facts facts) {
            epoch = facts.epoch;
            members = facts.members;
            systemId = facts.systemId;
            initdbMember = facts.initdbMember;
            primary = facts.primary;
            timeline = facts.timeline;
            intent = facts.intent;
            maxTimeline = facts.maxTimeline;
            promotable = facts.promotable;
            synchronous = facts.synchronous;
            incarnations = facts.incarnations;
            containers = facts.containers;
            restart = facts.restart;
        }

        Facts facts() {
            return new Facts(
                    epoch,
                    members,
                    systemId,
                    initdbMember,
                    primary,
                    timeline,
                    intent,
                    maxTimeline,
                    promotable,
                    synchronous,
                    incarnations,
                    containers,
                    restart);
        }
    }
}
