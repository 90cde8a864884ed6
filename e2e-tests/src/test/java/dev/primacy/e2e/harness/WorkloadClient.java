package dev.primacy.e2e.harness;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * One client: it keeps its connection, and after an error it does nothing but connect again. It never sends a write twice, so that each
 * number is either acknowledged, or uncertain, or cannot be there.
 */
final class WorkloadClient implements Runnable {
    private static final Duration RECONNECT_PAUSE = Duration.ofMillis(50);

    /** Seconds. An application that a network leaves without an answer wants a bound, too. */
    private static final int ANSWER_TIMEOUT = 3;

    private static final String INSERT = """
            insert into written values (?, ?, ?, ?, ?) returning current_setting('cluster_name'),
            ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int,
            pg_current_wal_insert_lsn() - '0/0'::pg_lsn""";

    private final int number;
    private final boolean transfers;
    private final Supplier<Sql> target;
    private final Duration pace;
    private final List<Write> acknowledged = new ArrayList<>();
    private final List<Write.Key> uncertain = new ArrayList<>();
    private int next = 1;
    private long failures;
    private volatile boolean ended;

    /** @param transfers whether it moves money between accounts, or only appends */
    WorkloadClient(int number, boolean transfers, Supplier<Sql> target, Duration pace) {
        this.number = number;
        this.transfers = transfers;
        this.target = target;
        this.pace = pace;
    }

    void end() {
        ended = true;
    }

    synchronized List<Write> acknowledged() {
        return List.copyOf(acknowledged);
    }

    synchronized List<Write.Key> uncertain() {
        return List.copyOf(uncertain);
    }

    synchronized long failures() {
        return failures;
    }

    /** Whether a write that was begun after this moment is acknowledged. */
    synchronized boolean wroteSince(long moment) {
        return !acknowledged.isEmpty() && acknowledged.getLast().begun() >= moment;
    }

    synchronized int timeline() {
        return acknowledged.isEmpty() ? 0 : acknowledged.getLast().timeline();
    }

    @Override
    public void run() {
        while (!ended) {
            try (Connection connection = target.get().open(ANSWER_TIMEOUT)) {
                connection.setAutoCommit(false);
                while (!ended) {
                    write(connection);
                    LockSupport.parkNanos(pace.toNanos());
                }
            } catch (SQLException e) {
                failed();
                LockSupport.parkNanos(RECONNECT_PAUSE.toNanos());
            }
        }
    }

    private synchronized void failed() {
        failures++;
    }

    private void write(Connection connection) throws SQLException {
        int write = next++;
        long begun = System.nanoTime();
        Write done = transfers ? transfer(connection, write, begun) : insert(connection, write, 0, 0, 0, begun);
        // What fails before here cannot be there.
        try {
            connection.commit();
        } catch (SQLException e) {
            doubt(new Write.Key(number, write));
            throw e;
        }
        acknowledge(done, System.nanoTime());
    }

    private synchronized void acknowledge(Write done, long at) {
        acknowledged.add(
                new Write(done.client(), done.number(), done.begun(), at, done.member(), done.timeline(), done.lsn()));
    }

    private synchronized void doubt(Write.Key key) {
        uncertain.add(key);
    }

    private Write transfer(Connection connection, int write, long begun) throws SQLException {
        var random = ThreadLocalRandom.current();
        int from = random.nextInt(Workload.ACCOUNTS);
        int to = (from + 1 + random.nextInt(Workload.ACCOUNTS - 1)) % Workload.ACCOUNTS;
        int amount = 1 + random.nextInt(100);
        // Always the lower account first, or two transfers could wait for each other.
        add(connection, Math.min(from, to), from < to ? -amount : amount);
        add(connection, Math.max(from, to), from < to ? amount : -amount);
        return insert(connection, write, from, to, amount, begun);
    }

    private static void add(Connection connection, int account, int amount) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("update account set balance = balance + ? where id = ?")) {
            statement.setInt(1, amount);
            statement.setInt(2, account);
            statement.executeUpdate();
        }
    }

    private Write insert(Connection connection, int write, int from, int to, int amount, long begun)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            int column = 0;
            for (int value : new int[] {number, write, from, to, amount}) {
                statement.setInt(++column, value);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Write(number, write, begun, begun, row.getString(1), row.getInt(2), row.getLong(3));
            }
        }
    }
}
