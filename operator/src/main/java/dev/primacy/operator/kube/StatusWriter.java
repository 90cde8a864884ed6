package dev.primacy.operator.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.model.Names;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the status by PUT with the resourceVersion that the pass began with: if anything wrote the resource in between,
 * nothing is written. A server-side-apply patch has no such compare-and-swap.
 */
public final class StatusWriter {
    /** Positions and lag alone are news for metrics; people get them at most this often. */
    private static final Duration POSITIONS_EVERY = Duration.ofSeconds(30);

    private final KubernetesClient client;
    private final ObjectMapper mapper;
    private final Map<String, Duration> written = new ConcurrentHashMap<>();
    private final Map<String, Told> told = new ConcurrentHashMap<>();

    /** What there was to say last of a cluster, whether or not it was written. */
    public record Told(Names names, PostgresClusterStatus status) {}

    /** What became of a status that was to be written. */
    public sealed interface Result {
        /** @param resource as it is now, with its new resourceVersion */
        record Written(PostgresCluster resource) implements Result {}

        record Unchanged() implements Result {}

        /** Something else wrote the resource since it was read: read it again. */
        record Conflict() implements Result {}

        record Gone() implements Result {}

        /** @param reason in words */
        record Failed(String reason) implements Result {}

        /** Whether the resource does not say yet what there is to say of the cluster. */
        default boolean isToBeTriedAgain() {
            return this instanceof Conflict || this instanceof Failed;
        }
    }

    public StatusWriter(KubernetesClient client, ObjectMapper mapper) {
        this.client = client;
        this.mapper = mapper;
    }

    /**
     * @param read the resource as the pass read it
     * @param monotonic the time on the operator's own clock
     */
    public Result write(PostgresCluster read, PostgresClusterStatus desired, Duration monotonic) {
        PostgresClusterStatus old = read.getStatus();
        String uid = read.getMetadata().getUid();
        told.put(uid, new Told(Observer.names(read), desired));
        if (old != null && same(desired, old)) {
            return new Result.Unchanged();
        }
        if (old != null && same(desired.withoutPositions(), old.withoutPositions())) {
            Duration last = written.get(uid);
            if (last != null && monotonic.minus(last).compareTo(POSITIONS_EVERY) < 0) {
                return new Result.Unchanged();
            }
        }
        Result result = put(read, desired);
        if (result instanceof Result.Written) {
            written.put(uid, monotonic);
        }
        return result;
    }

    /** Compared as JSON, in which an empty text is an absent one. */
    private boolean same(PostgresClusterStatus a, PostgresClusterStatus b) {
        return mapper.valueToTree(a).equals(mapper.valueToTree(b));
    }

    private Result put(PostgresCluster read, PostgresClusterStatus status) {
        PostgresCluster update = new PostgresCluster();
        update.setMetadata(read.getMetadata());
        update.setSpec(read.getSpec());
        update.setStatus(status);
        try {
            return new Result.Written(client.resource(update).updateStatus());
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case Failures.CONFLICT -> new Result.Conflict();
                case Failures.NOT_FOUND -> new Result.Gone();
                default -> new Result.Failed(Failures.words(e));
            };
        }
    }

    public List<Told> told() {
        return List.copyOf(told.values());
    }

    /** The cluster is gone. */
    public void forget(@Nullable String uid) {
        String known = Objects.requireNonNullElse(uid, "");
        written.remove(known);
        told.remove(known);
    }
}
