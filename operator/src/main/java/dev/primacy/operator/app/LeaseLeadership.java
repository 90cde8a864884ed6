package dev.primacy.operator.app;

import dev.primacy.operator.monitor.Leadership;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
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

    private final KubernetesClient client;
    private final Settings.Lease times;
    private final HeldLease lease;
    private final Runnable lost;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final CompletableFuture<Void> leading = new CompletableFuture<>();

    private volatile boolean closing;
    private volatile @Nullable CompletableFuture<?> election;

    /** @param lost called when another replica may lead from now on */
    LeaseLeadership(KubernetesClient client, Settings settings, Supplier<Duration> clock, Runnable lost) {
        this.client = client;
        this.times = settings.lease();
        // At the look that is nearest to a third of its life: looks come a little late, and one more would be a look
        // too many.
        Duration period = times.duration().dividedBy(3).minus(times.retry().dividedBy(2));
        this.lease = new HeldLease(settings.namespace(), times.name(), settings.pod(), period, clock);
        this.lost = lost;
    }

    /** Takes part in the election; the future completes when this replica leads. */
    CompletableFuture<Void> start() {
        LeaderElectionConfig config = new LeaderElectionConfig(
                lease,
                times.duration(),
                times.renew(),
                times.retry(),
                new LeaderCallbacks(
                        this::begun,
                        this::ended,
                        leader -> LOG.info("The leading replica is {}", leader.isBlank() ? "none" : leader)),
                true,
                times.name());
        election = new LeaderElector(client, config, executor).start();
        return leading;
    }

    private void begun() {
        leading.complete(null);
    }

    private void ended() {
        if (!closing && leading.isDone()) {
            lost.run();
        }
    }

    @Override
    public @Nullable Duration confirmedAt() {
        return closing ? null : lease.confirmedAt();
    }

    @Override
    public boolean isStillHeld() {
        return !closing && lease.isStillMine(client);
    }

    boolean leads() {
        return leading.isDone();
    }

    /** Gives the Lease back, so that the other replica takes over at once. */
    @Override
    public void close() {
        closing = true;
        CompletableFuture<?> running = election;
        if (running != null) {
            running.cancel(true);
        }
    }
}
