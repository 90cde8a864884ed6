package dev.primacy.operator.app;

import dev.primacy.operator.monitor.Leadership;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which replica of the operator acts. The Lease is no fencing token (rule 1): it only keeps replicas from working against each
 * other, and a grant is given only while it was just now read to be this replica's.
 */
final class LeaseLeadership implements Leadership, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseLeadership.class);
    private static final Duration CONFIRM_EVERY = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final Settings settings;
    private final Supplier<Duration> clock;
    private final Runnable lost;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final CompletableFuture<Void> leading = new CompletableFuture<>();

    private volatile @Nullable Duration confirmedAt;
    private volatile boolean closing;
    private volatile @Nullable CompletableFuture<?> election;

    /** @param lost called when another replica may lead from now on */
    LeaseLeadership(KubernetesClient client, Settings settings, Supplier<Duration> clock, Runnable lost) {
        this.client = client;
        this.settings = settings;
        this.clock = clock;
        this.lost = lost;
    }

    /** Takes part in the election; the future completes when this replica leads. */
    CompletableFuture<Void> start() {
        Settings.Lease lease = settings.lease();
        LeaderElectionConfig config = new LeaderElectionConfig(
                new LeaseLock(settings.namespace(), lease.name(), settings.pod()),
                lease.duration(),
                lease.renew(),
                lease.retry(),
                new LeaderCallbacks(
                        this::begun,
                        this::ended,
                        leader -> LOG.info("The leading replica is {}", leader.isBlank() ? "none" : leader)),
                true,
                lease.name());
        election = new LeaderElector(client, config, executor).start();
        return leading;
    }

    private void begun() {
        Thread.ofVirtual().name("primacy-leadership").start(this::confirm);
        leading.complete(null);
    }

    private void ended() {
        confirmedAt = null;
        if (!closing && leading.isDone()) {
            lost.run();
        }
    }

    /** A read without a resourceVersion is a quorum read: it is as new as any write that was acknowledged before it began. */
    private void confirm() {
        while (!closing) {
            Duration begun = clock.get();
            try {
                Lease lease = client.leases()
                        .inNamespace(settings.namespace())
                        .withName(settings.lease().name())
                        .get();
                boolean mine = lease != null
                        && lease.getSpec() != null
                        && settings.pod().equals(lease.getSpec().getHolderIdentity());
                confirmedAt = mine ? begun : null;
            } catch (KubernetesClientException e) {
                // No API server, no grants: the last confirmation ages.
                LOG.debug("Cannot confirm the leadership: {}", e.getMessage());
            }
            pause(CONFIRM_EVERY.minus(clock.get().minus(begun)));
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.isPositive() ? time : Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public @Nullable Duration confirmedAt() {
        return confirmedAt;
    }

    boolean leads() {
        return leading.isDone();
    }

    /** Gives the Lease back, so that the other replica takes over at once. */
    @Override
    public void close() {
        closing = true;
        confirmedAt = null;
        CompletableFuture<?> running = election;
        if (running != null) {
            running.cancel(true);
        }
    }
}
