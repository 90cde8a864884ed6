package dev.primacy.operator.app;

import dev.primacy.operator.monitor.Leadership;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
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
                new ConfirmedLease(new LeaseLock(settings.namespace(), lease.name(), settings.pod())),
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
        leading.complete(null);
    }

    private void ended() {
        confirmedAt = null;
        if (!closing && leading.isDone()) {
            lost.run();
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

    /**
     * The Lease as the elector handles it, once in each retry period. A look at it confirms the leadership: a read without a
     * resourceVersion is a quorum read, as new as any write that was acknowledged before it began. It is renewed three times in its
     * life rather than at each look.
     */
    private final class ConfirmedLease implements Lock {
        private final Lock lease;
        private @Nullable Duration renewedAt;
        private boolean mine;

        ConfirmedLease(Lock lease) {
            this.lease = lease;
        }

        @Override
        public LeaderElectionRecord get(KubernetesClient kubernetes) {
            Duration begun = clock.get();
            // If it fails, the last confirmation ages: no API server, no grants.
            LeaderElectionRecord found = lease.get(kubernetes);
            mine = found != null && settings.pod().equals(found.getHolderIdentity());
            confirmedAt = mine && !closing ? begun : null;
            return found;
        }

        @Override
        public void create(KubernetesClient kubernetes, LeaderElectionRecord record) {
            Duration begun = clock.get();
            lease.create(kubernetes, record);
            written(record, begun);
        }

        @Override
        public void update(KubernetesClient kubernetes, LeaderElectionRecord record) {
            Duration begun = clock.get();
            boolean stays = mine && settings.pod().equals(record.getHolderIdentity());
            Duration third = settings.lease().duration().dividedBy(3);
            if (stays && renewedAt != null && begun.minus(renewedAt).compareTo(third) < 0) {
                return;
            }
            lease.update(kubernetes, record);
            written(record, begun);
        }

        private void written(LeaderElectionRecord record, Duration begun) {
            mine = settings.pod().equals(record.getHolderIdentity());
            renewedAt = mine ? begun : null;
            confirmedAt = mine && !closing ? begun : null;
        }

        @Override
        public String identity() {
            return lease.identity();
        }

        @Override
        public String describe() {
            return lease.describe();
        }
    }
}
