package dev.primacy.operator.kube;

import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.PodView.Container;
import dev.primacy.operator.model.PodView.NodeState;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A pod as the rules see it. */
final class Pods {
    /** The container in which PostgreSQL runs. */
    static final String CONTAINER = "postgres";

    /** The kubelet's word for "I do not know what became of it"; no proof of an end (rule 3). */
    private static final String LOST = "ContainerStatusUnknown";

    /** What instance.sh leaves for the kubelet: the name that the container gave itself, and perhaps why it refused to start. */
    private static final Pattern MESSAGE =
            Pattern.compile("(container (?<name>[0-9a-f-]{36})\\s*)?(?<rest>.*)", Pattern.DOTALL);

    private Pods() {}

    static PodView view(Pod pod, NodeState node) {
        PodStatus status = Objects.requireNonNullElseGet(pod.getStatus(), PodStatus::new);
        Optional<ContainerStatus> container = status.getContainerStatuses().stream()
                .filter(it -> it.getName().equals(CONTAINER))
                .findFirst();
        return new PodView(
                pod.getMetadata().getUid(),
                blankToNull(status.getPodIP()),
                pod.getSpec() == null ? null : blankToNull(pod.getSpec().getNodeName()),
                node,
                container.map(Pods::container).orElseGet(Container.Unknown::new),
                pod.getMetadata().getDeletionTimestamp() != null,
                condition(status, Labels.READY_CONDITION)
                        .filter(it -> it.getStatus().equals("True"))
                        .isPresent(),
                label(pod, Labels.ROLE),
                label(pod, Labels.READS).equals("true"),
                annotation(pod, Labels.TEMPLATE_HASH),
                annotation(pod, Labels.CONFIG),
                Instruction.parse(annotation(pod, Labels.INSTRUCTION)).orElse(null),
                condition(status, "PodScheduled")
                        .filter(it -> it.getStatus().equals("False"))
                        .map(PodCondition::getMessage)
                        .orElse(null),
                instant(pod.getMetadata().getCreationTimestamp(), Instant.EPOCH));
    }

    private static Container container(ContainerStatus status) {
        ContainerState state = status.getState();
        if (state == null) {
            return new Container.Unknown();
        }
        if (state.getRunning() != null) {
            return new Container.Running(instant(state.getRunning().getStartedAt(), Instant.EPOCH));
        }
        if (state.getTerminated() != null) {
            Container.Terminated ended = terminated(state.getTerminated());
            return ended == null ? new Container.Unknown() : ended;
        }
        if (state.getWaiting() != null) {
            return waiting(state.getWaiting(), status.getLastState());
        }
        return new Container.Unknown();
    }

    /** What the script said at its last end says more than the kubelet's "back-off". */
    private static Container waiting(ContainerStateWaiting waiting, @Nullable ContainerState before) {
        Container.Terminated last =
                before == null || before.getTerminated() == null ? null : terminated(before.getTerminated());
        if (last == null) {
            return new Container.Waiting(text(waiting.getReason()), text(waiting.getMessage()), 0);
        }
        boolean saysMore = "CrashLoopBackOff".equals(waiting.getReason())
                && !last.message().isEmpty();
        return new Container.Waiting(
                text(waiting.getReason()), saysMore ? last.message() : text(waiting.getMessage()), last.exitCode());
    }

    /** Null for an end that nobody saw. */
    static Container.@Nullable Terminated terminated(ContainerStateTerminated state) {
        if (LOST.equals(state.getReason())) {
            return null;
        }
        Matcher message = MESSAGE.matcher(text(state.getMessage()));
        if (!message.matches()) {
            throw new IllegalStateException("every text matches " + MESSAGE);
        }
        return new Container.Terminated(
                text(message.group("name")),
                Objects.requireNonNullElse(state.getExitCode(), -1),
                text(state.getReason()),
                message.group("rest").strip(),
                instant(state.getFinishedAt(), Instant.EPOCH));
    }

    static Optional<PodCondition> condition(PodStatus status, String type) {
        return status.getConditions().stream()
                .filter(it -> it.getType().equals(type))
                .findFirst();
    }

    static String label(HasMetadata item, String name) {
        Map<String, String> labels = item.getMetadata().getLabels();
        return labels == null ? "" : text(labels.get(name));
    }

    private static String annotation(HasMetadata item, String name) {
        return text(Applier.annotation(item, name));
    }

    static Instant instant(@Nullable String text, Instant otherwise) {
        try {
            return text == null ? otherwise : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return otherwise;
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}
