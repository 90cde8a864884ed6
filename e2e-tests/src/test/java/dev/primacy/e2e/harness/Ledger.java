package dev.primacy.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/**
 * A client that writes a numbered row every 50 ms through -rw, each over a new connection, and keeps account: which rows were acknowledged,
 * and for how long none was.
 */
public final class Ledger {
    private static final long INTERVAL_MILLIS = 50;
    private static final Duration OUTAGE = Duration.ofMillis(300);

    private final Sql sql;
    private final Thread writer;
    private final List<Integer> acknowledged = new ArrayList<>();
    private final AtomicLong lastSuccess = new AtomicLong();
    private final AtomicLong longestGap = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile boolean ended;

    private Ledger(Sql sql) {
        this.sql = sql;
        this.writer = Thread.ofVirtual().name("ledger").unstarted(this::write);
    }

    /** What came of it. */
    public record Result(List<Integer> acknowledged, Duration longestGap) {

        /** Every row that was acknowledged is there. */
        public void isKept(Sql sql) {
            Set<Integer> lost = new TreeSet<>(acknowledged);
            sql.columnOnceItAnswers("select id from ledger").forEach(id -> lost.remove(Integer.valueOf(id)));
            Promises.hold(
                    "ledger",
                    () -> assertThat(lost).as("acknowledged and not there").isEmpty());
        }
    }

    /** Returns when the first row is acknowledged. */
    public static Ledger begin(Cluster cluster) throws SQLException {
        Sql sql = cluster.sql();
        sql.run("create table ledger (id int primary key)");
        Ledger ledger = new Ledger(sql);
        ledger.lastSuccess.set(System.nanoTime());
        ledger.writer.start();
        Awaitility.await("the ledger's first row").until(() -> ledger.size() > 0);
        return ledger;
    }

    /** Waits until writes failed, or took long, and then go on again. */
    public void awaitGapAndRecovery() {
        Awaitility.await("writes were interrupted and went on")
                .atMost(Cluster.PATIENCE)
                .pollInterval(20, TimeUnit.MILLISECONDS)
                .until(() -> longestGap.get() > OUTAGE.toNanos() && isCurrent());
    }

    private boolean isCurrent() {
        return System.nanoTime() - lastSuccess.get() < OUTAGE.toNanos();
    }

    /** After one more row was acknowledged: a gap that is still open counts, too. */
    public Result end() {
        int before = size();
        Awaitility.await("one more row is acknowledged")
                .atMost(Cluster.PATIENCE)
                .until(() -> size() > before);
        ended = true;
        try {
            writer.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (acknowledged) {
            return new Result(List.copyOf(acknowledged), Duration.ofNanos(longestGap.get()));
        }
    }

    /** How many attempts failed. */
    public long failures() {
        return failures.get();
    }

    private int size() {
        synchronized (acknowledged) {
            return acknowledged.size();
        }
    }

    private void write() {
        for (int id = 1; !ended; id++) {
            long began = System.nanoTime();
            try {
                sql.run("insert into ledger values (" + id + ")");
                long now = System.nanoTime();
                longestGap.accumulateAndGet(now - lastSuccess.getAndSet(now), Math::max);
                synchronized (acknowledged) {
                    acknowledged.add(id);
                }
            } catch (SQLException e) {
                failures.incrementAndGet();
            }
            long left = TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS) - (System.nanoTime() - began);
            java.util.concurrent.locks.LockSupport.parkNanos(left);
        }
    }
}
