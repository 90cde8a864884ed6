package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the spec asks for and is being brought about while all is served: a cluster that only serves is not yet as desired. */
final class SpecChange {
    /** The objects of a generation that was just seen are applied by now, and whom that concerns shows in the next pass. */
    static final Duration SHOWS_AFTER = Duration.ofMillis(500);

    /** A paused cluster stays as it is. */
    static boolean isUnderWay(ClusterView cluster, @Nullable Step step) {
        return !cluster.spec().paused()
                && (isNew(cluster) || isRollout(step) || progress(cluster).isPresent());
    }

    /** Whether no pass before this one saw the spec as it is; of a cluster that is seen for the first time, nothing is a change. */
    static boolean isNew(ClusterView cluster) {
        Long observed = cluster.status().observedGeneration();
        return observed != null && observed >= 0 && observed != cluster.generation();
    }

    private static boolean isRollout(@Nullable Step step) {
        return step instanceof Step.Act act && (act.phase() == Phase.Updating || act.phase() == Phase.Restarting);
    }

    /** Who and what is not there yet; the names are what a person would look at. */
    static Optional<String> progress(ClusterView cluster) {
        return Stream.concat(members(cluster).stream(), VolumeGrowth.progress(cluster).stream())
                .reduce((a, b) -> a + "; " + b);
    }

    private static Optional<String> members(ClusterView cluster) {
        List<String> names = cluster.members().stream()
                .filter(member -> cluster.facts().members().contains(member.name()))
                .filter(member -> isBehind(cluster, member))
                .map(MemberView::name)
                .toList();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(listed(names) + (names.size() == 1 ? " does" : " do") + " not run with what changed yet");
    }

    /** A pod that is kept on purpose is not on its way: pendingRestart tells of it, for as long as it is there. */
    private static boolean isBehind(ClusterView cluster, MemberView member) {
        Probe.Answered answered = member.answered();
        return (answered != null && !Rollout.loaded(cluster, answered))
                || !Rollout.pending(cluster, member).isEmpty()
                || (Rollout.podIsOutdated(member) && !Rollout.podIsKept(cluster, member));
    }

    private static String listed(List<String> names) {
        int last = names.size() - 1;
        return last == 0
                ? names.getFirst()
                : names.stream().limit(last).collect(Collectors.joining(", ")) + " and " + names.getLast();
    }

    private SpecChange() {}
}
