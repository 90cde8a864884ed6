package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A cluster without facts and without data begins: its first member gets the only leave to initdb that is ever given
 * (invariant 9), the others wait to clone it.
 */
final class Bootstrap implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        if (!cluster.facts().members().isEmpty()) {
            return Optional.empty();
        }
        List<String> leftOver = withPod(cluster, pod -> isOfAPredecessor(pod, cluster));
        if (!leftOver.isEmpty()) {
            return Optional.of(Step.Act.of(
                    Phase.Creating,
                    "the pods of a deleted cluster of this name to be gone: " + String.join(", ", leftOver)
                            + "; on a node that is lost they stay until it is back or removed, or is tainted out-of-service",
                    List.of()));
        }
        List<String> running = withPod(cluster, pod -> true);
        if (!running.isEmpty()) {
            return Optional.of(takenUp(cluster, running, now));
        }
        List<String> members = IntStream.rangeClosed(1, cluster.spec().instances())
                .mapToObj(cluster.names()::member)
                .toList();
        String first = members.getFirst();
        Facts begun = Takeover.raised(cluster)
                .withMembers(members)
                .withInitdbMember(first)
                .withPromotable(List.of(List.of(first)))
                .withSynchronous(List.of(Facts.SynchronousSet.NONE))
                .withIntent(new Intent(Kind.Bootstrap, List.of(), first, "creating the cluster", now.wall()));
        return Optional.of(new Step.Recorded(
                begun,
                Event.normal("Creating", "Creating " + members.size() + " member" + (members.size() == 1 ? "" : "s"))));
    }

    private static List<String> withPod(ClusterView cluster, Predicate<PodView> which) {
        return cluster.members().stream()
                .filter(member -> member.pod() != null && which.test(member.pod()))
                .map(MemberView::name)
                .toList();
    }

    /** On a lost node it outlives its cluster, and keeps the name that a pod of this one is to have. */
    private static boolean isOfAPredecessor(PodView pod, ClusterView cluster) {
        return pod.deleting() && pod.created().isBefore(cluster.created());
    }

    /** The status was lost while pods run on: what they hold is the cluster, and nobody gets the leave to initdb a second time. */
    private static Step takenUp(ClusterView cluster, List<String> running, Now now) {
        String reason = "taking up what runs on " + String.join(", ", running);
        return new Step.Recorded(
                TakingUp.of(running, reason, cluster, now),
                Event.warning("StatusLost", "There is no status, but there are pods: " + reason));
    }
}
