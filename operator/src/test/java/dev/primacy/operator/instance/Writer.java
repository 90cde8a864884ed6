package dev.primacy.operator.instance;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;

/** A client that commits a row every few milliseconds and remembers when the last commit was acknowledged. */
final class Writer implements AutoCloseable {

    private final Connection connection;
    private final Thread thread;
    private final AtomicLong last = new AtomicLong();
    private volatile boolean stopped;

    Writer(Member primary) throws SQLException {
        connection = primary.operator();
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS written (at timestamptz DEFAULT clock_timestamp())");
        }
        thread = Thread.ofVirtual().start(this::write);
    }

    private void write() {
        try (Statement statement = connection.createStatement()) {
            while (!stopped) {
                statement.execute("INSERT INTO written DEFAULT VALUES");
                last.set(System.nanoTime());
                Thread.sleep(2);
            }
        } catch (SQLException e) {
            // The end of the session is what the tests wait for.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean writes() {
        return thread.isAlive();
    }

    /** {@link System#nanoTime()} of the last acknowledged commit. */
    long lastCommit() {
        return last.get();
    }

    /** An interrupt would break the socket off in the middle of a statement. */
    @Override
    public void close() throws SQLException {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        connection.close();
    }
}
