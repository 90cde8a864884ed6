package dev.primacy.e2e.bench;

import dev.primacy.e2e.harness.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A client outside of the cluster that opens a connection every 50 ms and commits one row over it. Each attempt is by itself: one that
 * meets silence keeps no other from trying.
 */
final class Pulse implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 50;

    /** Seconds, after which an attempt that hangs is given up. */
    private static final int ANSWER_TIMEOUT = 5;

    private final Sql sql;
    private final Thread beat = Thread.ofVirtual().name("pulse").unstarted(this::beat);
    private final ExecutorService attempts = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean ended;
    private final AtomicInteger next = new AtomicInteger();
    /** By the moment at which it was acknowledged. */
    private final NavigableMap<Instant, Integer> acknowledged = new TreeMap<>();

    /** @param began when the last write before it was acknowledged, and ended: the first after it */
    record Gap(Instant began, Instant ended) {
        Duration length() {
            return Duration.between(began, ended);
        }
    }

    private Pulse(Sql sql) {
        this.sql = sql;
    }

    static Pulse begin(Sql sql) throws SQLException {
        sql.run("create table if not exists pulse (id int primary key)");
        Pulse pulse = new Pulse(sql);
        pulse.next.set(Integer.parseInt(sql.value("select coalesce(max(id), 0) from pulse")));
        pulse.beat.start();
        return pulse;
    }

    private void beat() {
        long due = System.nanoTime();
        while (!ended) {
            attempts.execute(this::attempt);
            due += TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private void attempt() {
        int id = next.incrementAndGet();
        try (Connection connection = sql.open(ANSWER_TIMEOUT);
                Statement statement = connection.createStatement()) {
            statement.execute("insert into pulse values (" + id + ")");
            Instant now = Instant.now();
            synchronized (acknowledged) {
                acknowledged.put(now, id);
            }
        } catch (SQLException e) {
            // That it is missing is what is measured.
        }
    }

    /** The longest time without an acknowledged write from a moment on; until now, if none has followed. */
    Gap longestSince(Instant moment) {
        synchronized (acknowledged) {
            Map.Entry<Instant, Integer> before = acknowledged.floorEntry(moment);
            Instant last = before == null ? moment : before.getKey();
            Gap longest = new Gap(last, last);
            for (Instant each : acknowledged.tailMap(moment, false).keySet()) {
                longest = longer(longest, new Gap(last, each));
                last = each;
            }
            return longer(longest, new Gap(last, Instant.now()));
        }
    }

    private static Gap longer(Gap one, Gap other) {
        return other.length().compareTo(one.length()) > 0 ? other : one;
    }

    /** Rows that were acknowledged since then and are not there. */
    Set<Integer> lostSince(Instant moment) throws SQLException {
        Set<Integer> lost;
        synchronized (acknowledged) {
            lost = new TreeSet<>(acknowledged.tailMap(moment, true).values());
        }
        sql.column("select id from pulse").forEach(id -> lost.remove(Integer.valueOf(id)));
        return lost;
    }

    @Override
    public void close() {
        ended = true;
        try {
            beat.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        attempts.close();
    }
}
