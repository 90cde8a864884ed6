package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Planned restarts, one member at a time, standbys first, the primary last: of a pod whose template changed, and of a PostgreSQL
 * with parameters that wait for a restart.
 */
final class Rollout implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        MemberView primary = cluster.primary().orElse(null);
        if (primary == null
                || !(primary.probe() instanceof Probe.Primary seen)
                || cluster.spec().paused()) {
            return Optional.empty();
        }
        List<String> leaving = Membership.leaving(cluster);
        List<MemberView> standbys = cluster.members().stream()
                .filter(member -> !member.name().equals(primary.name()) && !leaving.contains(member.name()))
                .sorted(Comparator.comparingInt(member -> cluster.names().ordinal(member.name())))
                .toList();
        Optional<MemberView> down =
                standbys.stream().filter(member -> !follows(member, seen)).findFirst();
        if (down.isPresent()) {
            // Never two at once; but a member that is down anyway may be down for what its new template mends.
            return podIsOutdated(down.get())
                    ? Optional.of(replacePod(down.get(), "its pod template changed"))
                    : Optional.empty();
        }
        if (lowersOnPrimaryFirst(cluster, seen)) {
            return Optional.of(restart(primary, seen.configuration().lowered(), true));
        }
        for (MemberView standby : standbys) {
            if (podIsOutdated(standby)) {
                return Optional.of(replacePod(standby, "its pod template changed"));
            }
            List<String> pending = pending(cluster, standby);
            if (!pending.isEmpty()) {
                return Optional.of(restart(standby, pending, false));
            }
        }
        // Who fell back to the files with which it last started shows what would become of the primary.
        boolean allRunWithIt = standbys.stream()
                .map(MemberView::answered)
                .allMatch(answered -> answered == null || loaded(cluster, answered));
        return allRunWithIt ? primaryLast(cluster, primary, seen, now) : Optional.empty();
    }

    private static Optional<Step> primaryLast(ClusterView cluster, MemberView primary, Probe.Primary seen, Now now) {
        boolean outdated = podIsOutdated(primary);
        List<String> pending = pending(cluster, primary);
        if (!outdated && pending.isEmpty()) {
            return Optional.empty();
        }
        String reason = outdated
                ? "the pod template of " + primary.name() + " changed"
                : primary.name() + " must restart for " + String.join(", ", pending);
        Optional<MemberView> successor = PlannedSwitchover.best(cluster, primary, seen);
        if (successor.isPresent()) {
            return Optional.of(PlannedSwitchover.begin(cluster, primary, successor.get(), reason, now));
        }
        if (cluster.facts().members().size() > 1) {
            return Optional.empty();
        }
        if (outdated && !podIsKept(cluster, primary)) {
            return Optional.of(replacePod(primary, "its pod template changed"));
        }
        return pending.isEmpty() ? Optional.empty() : Optional.of(restart(primary, pending, false));
    }

    /**
     * Rule 9b: a standby refuses to run with less than its primary had. Lowering max_connections and its kin hence begins with
     * the primary, whose script writes the lower values into the control file while it is cleanly stopped.
     */
    private static boolean lowersOnPrimaryFirst(ClusterView cluster, Probe.Primary primary) {
        return loaded(cluster, primary) && !primary.configuration().lowered().isEmpty();
    }

    /**
     * Pods that never ran, as for want of an image or of a node, and were made from a template that has been changed since: a mended spec
     * reaches them only in new pods. That needs no order, since nobody counts on them, and no primary.
     */
    static List<Action.DeletePod> replaceUnstarted(ClusterView cluster) {
        return cluster.members().stream()
                .filter(member -> podIsOutdated(member) && neverRan(member, cluster.facts()))
                .map(member -> deletePod(member, "it has not started, and its template changed"))
                .toList();
    }

    /** On emptyDir its data would go with it; where some was seen there, it ran. */
    private static boolean neverRan(MemberView member, Facts facts) {
        PodView pod = member.pod();
        boolean mayHoldData = member.claim() == null && Incarnation.isRecorded(member, facts);
        return pod != null
                && member.answered() == null
                && !mayHoldData
                && switch (pod.container()) {
                    case PodView.Container.Unknown ignored -> !pod.nodeState().isLost();
                    case PodView.Container.Waiting waiting -> waiting.hasYetToRun();
                    case PodView.Container.Running ignored -> false;
                    case PodView.Container.Terminated ignored -> false;
                };
    }

    static boolean podIsOutdated(MemberView member) {
        PodView pod = member.pod();
        return pod != null
                && !pod.deleting()
                && member.statefulSet() != null
                && !pod.templateHash().equals(member.statefulSet().templateHash());
    }

    /** On emptyDir the pod of a member of one is the only copy: it is kept, and the status says what waits for it. */
    static boolean podIsKept(ClusterView cluster, MemberView member) {
        return member.claim() == null && cluster.facts().members().size() == 1;
    }

    /** Parameters that wait for a restart of this member – of those that are loaded as asked for. */
    static List<String> pending(ClusterView cluster, MemberView member) {
        Probe.Answered answered = member.answered();
        if (answered == null || !loaded(cluster, answered)) {
            return List.of();
        }
        Probe.Configuration configuration = answered.configuration();
        return Stream.concat(configuration.pendingRestart().stream(), configuration.lowered().stream())
                .distinct()
                .sorted()
                .toList();
    }

    static boolean loaded(ClusterView cluster, Probe.Answered answered) {
        return answered.configuration().configLoaded().equals(cluster.config().hash());
    }

    /** Who has just been deleted streams for a moment yet, and neither is done nor may take over. */
    private static boolean follows(MemberView member, Probe.Primary primary) {
        return member.standby() != null && !member.isGoing() && primary.streamsTo(member.name());
    }

    private static Action.DeletePod deletePod(MemberView member, String reason) {
        return new Action.DeletePod(
                member.name(), Objects.requireNonNull(member.pod()).uid(), null, reason);
    }

    private static Step replacePod(MemberView member, String reason) {
        return Step.Act.of(Phase.Updating, member.name() + " to come back with its new pod", deletePod(member, reason))
                .saying(Event.normal("RestartingPod", "Replacing the pod of " + member.name() + ": " + reason));
    }

    private static Step restart(MemberView member, List<String> parameters, boolean lower) {
        return Step.Act.of(
                        Phase.Restarting,
                        member.name() + " to come back with " + String.join(", ", parameters),
                        new Action.RestartInPlace(member.name(), lower))
                .saying(Event.normal(
                        "Restarting",
                        "Restarting PostgreSQL on " + member.name() + " for " + String.join(", ", parameters)))
                .recheckAfter(Duration.ofMillis(500));
    }
}
