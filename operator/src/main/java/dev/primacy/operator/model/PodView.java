package dev.primacy.operator.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A member's pod as Kubernetes tells it.
 *
 * @param templateHash of the template that the pod was made from; another than the StatefulSet's means that a restart of
 *     the pod is due
 * @param ready whether the operator's readiness gate, {@code primacy.dev/ready}, is true
 * @param config the value of the pod's {@code primacy.dev/config} annotation
 * @param instruction its {@code primacy.dev/instruction} annotation; null when there is none
 * @param unschedulable the scheduler's words when it found no node
 * @param created when the pod object was made
 */
public record PodView(
        String uid,
        @Nullable String ip,
        @Nullable String node,
        NodeState nodeState,
        Container container,
        boolean deleting,
        boolean ready,
        String roleLabel,
        boolean readsLabel,
        String templateHash,
        String config,
        @Nullable Instruction instruction,
        @Nullable String unschedulable,
        Instant created) {

    /** Whether the instruction of that id stands on it, obeyed or not. */
    public boolean isTold(String id) {
        return instruction != null && instruction.id().equals(id);
    }

    /** The node's state as far as it matters here. */
    public enum NodeState {
        READY,
        /** Cordoned or with a NoSchedule taint: it is about to be drained (rule 9c). */
        CORDONED,
        /** The node controller has not heard of it for a while. */
        UNREACHABLE,
        /** Tainted node.kubernetes.io/out-of-service: the administrator vouches that it is off. */
        OUT_OF_SERVICE,
        GONE,
        /** The pod has no node yet. */
        NONE;

        /** What runs there may run on, and nobody can see or end it from here. */
        public boolean isLost() {
            return switch (this) {
                case UNREACHABLE, OUT_OF_SERVICE, GONE -> true;
                case READY, CORDONED, NONE -> false;
            };
        }
    }

    /** The state of the container named postgres. */
    public sealed interface Container {
        /** The exit code with which instance.sh says that it cannot write on its volume. */
        int VOLUME_UNUSABLE = 4;

        /** The exit code with which instance.sh says that what is in the data directory cannot be read. */
        int DATA_UNREADABLE = 5;

        /** @param lastExitCode of the run before; 0 if there was none */
        record Waiting(String reason, String message, int lastExitCode) implements Container {}

        record Running(Instant startedAt) implements Container {}

        /** @param name what the container called itself, by which its end is a proof (rule 3); empty if it came to no such word */
        record Terminated(String name, int exitCode, String reason, String message, Instant finishedAt)
                implements Container {}

        /** The kubelet has not reported yet, or has lost it. */
        record Unknown() implements Container {}

        /** Whether it waits for its first run; after a run that ended in success, too. */
        default boolean hasYetToRun() {
            return this instanceof Waiting waiting && waiting.lastExitCode() == 0;
        }

        /** Whether it does not run since it cannot write on its volume. */
        default boolean volumeIsUnusable() {
            return endedWith(VOLUME_UNUSABLE);
        }

        /** Whether it does not run since its script found something else than an empty or a readable data directory. */
        default boolean dataIsUnreadable() {
            return endedWith(DATA_UNREADABLE);
        }

        private boolean endedWith(int code) {
            return switch (this) {
                case Waiting waiting -> waiting.lastExitCode() == code;
                case Terminated ended -> ended.exitCode() == code;
                case Running ignored -> false;
                case Unknown ignored -> false;
            };
        }
    }
}
