package dev.primacy.operator.decide;

import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import org.jspecify.annotations.Nullable;

/** What a member that is being waited for is up to, in words for the status. */
final class MemberWords {

    static String of(String name, @Nullable MemberView member) {
        if (member == null || member.pod() == null) {
            // A quota, say, or an admission policy: the controller tells nobody but its events.
            return name + ": its pod to be created; if none comes, `kubectl describe statefulset " + name
                    + "` says why";
        }
        PodView pod = member.pod();
        if (pod.unschedulable() != null) {
            return name + ": a node for its pod; the scheduler says: " + Quote.of(pod.unschedulable());
        }
        return name + ": "
                + switch (pod.container()) {
                    case PodView.Container.Waiting waiting -> waiting(waiting);
                    case PodView.Container.Terminated ended ->
                        "its container to start again; it ended with exit code " + ended.exitCode()
                                + (ended.message().isBlank() ? "" : ": " + Quote.of(ended.message()));
                    case PodView.Container.Unknown ignored ->
                        "its pod to start on " + (pod.node() == null ? "a node" : pod.node());
                    case PodView.Container.Running ignored -> postgres(member.probe());
                };
    }

    private static String waiting(PodView.Container.Waiting waiting) {
        return switch (waiting.reason()) {
            case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull" ->
                "its image; the kubelet says " + waiting.reason() + ": " + Quote.of(waiting.message())
                        + ". Check spec.image, spec.pod.imagePullSecrets and the registry";
            case "CrashLoopBackOff" -> "its container, which keeps failing: " + Quote.of(waiting.message());
            default ->
                "its container (" + waiting.reason() + ")"
                        + (waiting.message().isBlank() ? "" : ": " + Quote.of(waiting.message()));
        };
    }

    private static String postgres(Probe probe) {
        return switch (probe) {
            case Probe.Starting starting -> "PostgreSQL to start (" + starting.message() + ")";
            case Probe.Unreachable silent -> "PostgreSQL to answer (" + silent.reason() + ")";
            case Probe.Primary ignored -> "nothing; it is a primary";
            case Probe.Standby ignored -> "nothing; it is a standby";
        };
    }

    private MemberWords() {}
}
