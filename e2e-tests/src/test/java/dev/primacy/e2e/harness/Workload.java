package dev.primacy.e2e.harness;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Gatherers;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;

/**
 * Several clients at work through -rw while something goes wrong. Half of them move money between accounts, half only append; outside of
 * the database they keep account of what was acknowledged, when, and by whom.
 */
public final class Workload {
    static final int ACCOUNTS = 10;
    static final int OPENING_BALANCE = 1_000;
    private static final int CLIENTS = 6;

    /** A fault that meets a handful of writes would lose none by luck. */
    private static final int WARM = 20;

    private static final Duration POLL = Duration.ofMillis(20);

    /** Some 200 transactions a second: enough to catch any moment, and the machine stays idle enough for the timeouts under test. */
    private static final Duration GENTLE = Duration.ofMillis(25);

    private final Cluster cluster;
    private final StatusWatch status;
    private final List<WorkloadClient> clients = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private Workload(Cluster cluster) {
        this.cluster = cluster;
        this.status = StatusWatch.of(cluster);
    }

    /** Returns when each client has had some writes acknowledged. */
    public static Workload begin(Cluster cluster) throws SQLException {
        return begin(cluster, GENTLE);
    }

    /** As fast as the cluster takes it. */
    public static Workload beginAtFullSpeed(Cluster cluster) throws SQLException {
        return begin(cluster, Duration.ZERO);
    }

    private static Workload begin(Cluster cluster, Duration pace) throws SQLException {
        // After a switchover kube-proxy may be a second late.
        Eventually.soon("-rw leads to whom takes writes", () -> cluster.sql().value("select pg_current_wal_lsn()"));
        cluster.sql()
                .run(
                        "create table account (id int primary key, balance bigint not null)",
                        "insert into account select id, %d from generate_series(0, %d) id"
                                .formatted(OPENING_BALANCE, ACCOUNTS - 1),
                        "create table written (client int, number int, source int, target int, amount int,"
                                + " primary key (client, number))");
        Workload workload = new Workload(cluster);
        cluster.space().whenClosing(workload::awaitEnd);
        Supplier<Sql> service = new Address(cluster);
        for (int number = 1; number <= CLIENTS; number++) {
            workload.start(new WorkloadClient(number, number % 2 == 0, service, pace));
        }
        Awaitility.await("clients are at work")
                .atMost(Cluster.PATIENCE)
                .pollInterval(POLL)
                .until(() -> workload.clients.stream()
                        .allMatch(client -> client.acknowledged().size() >= WARM));
        return workload;
    }

    /**
     * One more client that writes to this member's pod, past the Services: as an application would whose connection outlives the member's
     * reign. It need not make progress.
     */
    public void alsoDirectlyOn(String member) {
        Sql sql = cluster.sqlOn(member);
        start(new WorkloadClient(CLIENTS + 1, false, () -> sql, GENTLE));
    }

    private void start(WorkloadClient client) {
        clients.add(client);
        threads.add(Thread.ofVirtual().name("workload").start(client));
    }

    /** The timeline of the newest acknowledged write. */
    public int timeline() {
        return clients.stream().mapToInt(WorkloadClient::timeline).max().orElse(0);
    }

    /** Waits until a primary of a later timeline has acknowledged a write. */
    public void awaitTimelineAfter(int timeline) {
        Awaitility.await("a primary on a timeline after " + timeline + " acknowledges writes")
                .atMost(Cluster.PATIENCE)
                .pollInterval(POLL)
                .until(() -> timeline() > timeline);
    }

    /** Waits until each client that writes through -rw has had a write acknowledged that it began from now on. */
    public void awaitProgress() {
        long now = System.nanoTime();
        Awaitility.await("every client's writes are acknowledged")
                .atMost(Cluster.PATIENCE)
                .pollInterval(POLL)
                .until(() -> clients.subList(0, CLIENTS).stream().allMatch(client -> client.wroteSince(now)));
    }

    /** The longest time without an acknowledged write since a moment of {@link System#nanoTime}, up to now. */
    public Duration longestGapSince(long moment) {
        LongStream acknowledged = clients.stream()
                .flatMap(client -> client.acknowledged().stream())
                .mapToLong(Write::acknowledged)
                .filter(at -> at > moment);
        return longest(LongStream.concat(acknowledged, LongStream.of(moment, System.nanoTime())));
    }

    /** Acknowledged transactions a second between two moments of {@link System#nanoTime}. */
    public double perSecond(long from, long to) {
        long count = clients.stream()
                .flatMap(client -> client.acknowledged().stream())
                .filter(write -> write.acknowledged() >= from && write.acknowledged() < to)
                .count();
        return count * 1e9 / (to - from);
    }

    static Duration longest(LongStream moments) {
        return moments.sorted()
                .boxed()
                .gather(Gatherers.windowSliding(2))
                .filter(pair -> pair.size() == 2)
                .map(pair -> Duration.ofNanos(pair.getLast() - pair.getFirst()))
                .reduce(Duration.ZERO, (one, other) -> one.compareTo(other) > 0 ? one : other);
    }

    private void awaitEnd() {
        status.close();
        clients.forEach(WorkloadClient::end);
        for (Thread thread : threads) {
            try {
                if (!thread.join(Duration.ofSeconds(20))) {
                    throw new AssertionError("a client of the workload hangs");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits until all clients make progress, and ends them. */
    public Outcome end() {
        awaitProgress();
        awaitEnd();
        List<Write> acknowledged = new ArrayList<>();
        Set<Write.Key> uncertain = new HashSet<>();
        long failures = 0;
        for (WorkloadClient client : clients) {
            acknowledged.addAll(client.acknowledged());
            uncertain.addAll(client.uncertain());
            failures += client.failures();
        }
        return new Outcome(cluster, acknowledged, uncertain, failures, status::greatestLag);
    }

    /**
     * Where -rw is. An application has a name for it and asks the DNS; the address is another one only where the Service was deleted and
     * made again, so it is asked for now and then, and the last answer is good while there is no API server.
     */
    private static final class Address implements Supplier<Sql> {
        private static final int ASK_AGAIN_AFTER = 20;

        private final Cluster cluster;
        private Sql known;
        private int given;

        Address(Cluster cluster) {
            this.cluster = cluster;
            this.known = cluster.sql();
        }

        @Override
        public synchronized Sql get() {
            if (++given % ASK_AGAIN_AFTER == 0) {
                try {
                    String now = cluster.sql().host();
                    if (!now.equals(known.host())) {
                        known = cluster.sql();
                    }
                } catch (KubernetesClientException | NullPointerException e) {
                    return known;
                }
            }
            return known;
        }
    }
}
