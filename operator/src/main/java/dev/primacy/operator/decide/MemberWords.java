package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import java.util.Optional;

/** What a member that is being waited for is up to, in words for the status. */
final class MemberWords {

    static String of(String name, ClusterView cluster) {
        MemberView member = cluster.member(name).orElse(null);
        PodView pod = member == null ? null : member.pod();
        if (member == null || pod == null) {
            // A quota, say, or an admission policy: the controller tells nobody but its events.
            return name + ": its pod to be created; if none comes, `kubectl describe statefulset " + name
                    + "` says why";
        }
        String describe = "`kubectl describe pod " + cluster.names().pod(name) + "`";
        if (pod.unschedulable() != null) {
            return name + ": a node for its pod; the scheduler says: " + Quote.of(pod.unschedulable())
                    + ". Check spec.pod (resources, affinity, tolerations) and the nodes (" + describe + ")"
                    + unbound(member).map(claim -> ", and " + claim).orElse("");
        }
        return name + ": "
                + switch (pod.container()) {
                    case PodView.Container.Waiting waiting -> waiting(waiting, describe);
                    case PodView.Container.Terminated ended ->
                        "its container to start again; it ended with exit code " + ended.exitCode()
                                + (ended.message().isBlank() ? "" : ": " + Quote.of(ended.message()));
                    case PodView.Container.Unknown ignored ->
                        // A class that makes volumes for pods has the pod wait for its volume here.
                        unbound(member)
                                .orElseGet(() -> "its pod to start on " + (pod.node() == null ? "a node" : pod.node()));
                    case PodView.Container.Running ignored ->
                        postgres(member.probe(), cluster.names().pod(name));
                };
    }

    private static Optional<String> unbound(MemberView member) {
        ClaimView claim = member.claim();
        ClaimView.Unbound unbound = claim == null ? null : claim.unbound();
        return claim == null || unbound == null
                ? Optional.empty()
                : Optional.of("its PersistentVolumeClaim, which is " + unbound.phase()
                        + (unbound.storageClass() == null
                                ? " and names no StorageClass"
                                : " (StorageClass " + unbound.storageClass() + ")")
                        + ": `kubectl describe pvc " + claim.name() + "` says why");
    }

    private static String waiting(PodView.Container.Waiting waiting, String describe) {
        return switch (waiting.reason()) {
            case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull" ->
                "its image; the kubelet says " + waiting.reason() + ": " + Quote.of(waiting.message())
                        + ". Check spec.image, spec.pod.imagePullSecrets and the registry";
            case "CrashLoopBackOff" -> "its container, which keeps failing: " + Quote.of(waiting.message());
            default ->
                // A volume that cannot be attached or mounted, say: the kubelet tells nobody but its events.
                "its container (" + waiting.reason() + ")"
                        + (waiting.message().isBlank()
                                ? "; if it does not start, " + describe + " says why"
                                : ": " + Quote.of(waiting.message()));
        };
    }

    private static String postgres(Probe probe, String pod) {
        return switch (probe) {
            case Probe.Starting starting -> "PostgreSQL to start (" + starting.message() + ")";
            case Probe.Unreachable silent ->
                "PostgreSQL to answer (" + silent.reason() + "); `kubectl logs " + pod + "` says what it does";
            case Probe.Primary ignored -> "nothing; it is a primary";
            case Probe.Standby ignored -> "nothing; it is a standby";
        };
    }

    private MemberWords() {}
}
