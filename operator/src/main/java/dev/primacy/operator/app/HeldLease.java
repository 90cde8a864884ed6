package dev.primacy.operator.app;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The Lease as the elector handles it, once in each retry period. Whoever holds it neither reads it nor writes it each time: it writes
 * three times in the Lease's life, on condition that nobody else has written since, as client-go does since 1.30. A write that
 * succeeds confirms the leadership, and so does a read: without a resourceVersion it is a quorum read, as new as any
 * write that was acknowledged before it began.
 */
final class HeldLease extends LeaseLock {
    private final String namespace;
    private final String name;
    private final Duration period;
    private final Supplier<Duration> clock;

    /** As it was last read or written here. */
    private @Nullable Lease known;
    /** When the write began by which this replica holds it; null if it does not, or if the last write may have failed. */
    private @Nullable Duration writtenAt;

    private volatile @Nullable Duration confirmedAt;

    /** @param period between two writes of the holder */
    HeldLease(String namespace, String name, String identity, Duration period, Supplier<Duration> clock) {
        super(namespace, name, identity);
        this.namespace = namespace;
        this.name = name;
        this.period = period;
        this.clock = clock;
    }

    /** When the request began that last found this replica to be the holder, or made it so; null if a later one found another. */
    @Nullable
    Duration confirmedAt() {
        return confirmedAt;
    }

    /** Reads it now, whenever it was last written. What the elector knows stays: its next write fails if another has written since. */
    synchronized boolean isStillMine(KubernetesClient kubernetes) {
        return isMine(read(kubernetes));
    }

    /** If it fails, the last confirmation ages: no API server, no grants. */
    private @Nullable Lease read(KubernetesClient kubernetes) {
        Duration begun = clock.get();
        Lease read = kubernetes.leases().inNamespace(namespace).withName(name).get();
        confirmedAt = isMine(read) ? begun : null;
        return read;
    }

    @Override
    public synchronized @Nullable LeaderElectionRecord get(KubernetesClient kubernetes) {
        if (known == null || writtenAt == null) {
            known = read(kubernetes);
        }
        return known == null ? null : toRecord(known);
    }

    @Override
    public synchronized void create(KubernetesClient kubernetes, LeaderElectionRecord wanted) {
        Duration begun = clock.get();
        written(kubernetes.resource(toResource(wanted, getObjectMeta(null))).create(), begun);
    }

    @Override
    public synchronized void update(KubernetesClient kubernetes, LeaderElectionRecord wanted) {
        Duration begun = clock.get();
        boolean stays = identity().equals(wanted.getHolderIdentity());
        if (stays && writtenAt != null && begun.minus(writtenAt).compareTo(period) < 0) {
            return;
        }
        writtenAt = null;
        String version = Objects.requireNonNull(known).getMetadata().getResourceVersion();
        Lease lease = toResource(wanted, getObjectMeta(version));
        written(kubernetes.resource(lease).patch(PatchContext.of(PatchType.JSON_MERGE)), begun);
    }

    private void written(Lease lease, Duration begun) {
        known = lease;
        writtenAt = isMine(lease) ? begun : null;
        confirmedAt = writtenAt;
    }

    private boolean isMine(@Nullable Lease lease) {
        return lease != null && identity().equals(lease.getSpec().getHolderIdentity());
    }
}
