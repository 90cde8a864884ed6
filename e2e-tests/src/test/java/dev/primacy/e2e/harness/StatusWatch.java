package dev.primacy.e2e.harness;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every state of a cluster's status from now on, as somebody with {@code kubectl get --watch} sees them. */
public final class StatusWatch implements AutoCloseable {
    private final List<PostgresClusterStatus> seen = new CopyOnWriteArrayList<>();
    private final SharedIndexInformer<PostgresCluster> informer;

    private StatusWatch(Cluster cluster) {
        informer = cluster.resource().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(PostgresCluster now) {
                seen.add(now.getStatus());
            }

            @Override
            public void onUpdate(PostgresCluster before, PostgresCluster now) {
                seen.add(now.getStatus());
            }

            @Override
            public void onDelete(PostgresCluster last, boolean finalStateUnknown) {
                // What it said before is what counts.
            }
        });
    }

    public static StatusWatch of(Cluster cluster) {
        return new StatusWatch(cluster);
    }

    /** Each {@code Phase: what is waited for}, in the order in which they came. */
    public List<String> phases() {
        return seen.stream()
                .filter(status -> status.phase() != null)
                .map(status -> status.phase() + ": " + Objects.requireNonNullElse(status.reason(), ""))
                .distinct()
                .toList();
    }

    /** What a member was said to do, in the order in which it came. */
    public List<String> states(String member) {
        return seen.stream()
                .flatMap(status -> status.members().stream())
                .filter(status -> status.name().equals(member))
                .map(status -> String.valueOf(status.state()))
                .distinct()
                .toList();
    }

    /** The greatest lag that it showed while the primary was on that timeline, in bytes. */
    long greatestLag(int timeline) {
        return seen.stream()
                .filter(status -> Integer.valueOf(timeline).equals(status.timeline()))
                .map(PostgresClusterStatus::lagBytes)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    @Override
    public void close() {
        informer.stop();
    }
}
