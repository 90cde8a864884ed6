package dev.primacy.operator.postgres;

import dev.primacy.operator.model.SystemId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A connection and the time that is left for what is done on it. Used by one thread at a time. */
final class SqlSession implements AutoCloseable {
    /** For a statement that only looks, and its way there and back. */
    private static final Duration MARGIN = Duration.ofMillis(500);

    private final Connection connection;
    private long end;
    private SystemId systemId = new SystemId("");
    private int serverVersion;
    private @Nullable String container;

    SqlSession(Connection connection, Duration within) {
        this.connection = connection;
        this.end = System.nanoTime() + within.toNanos();
    }

    void identify(SystemId foundSystemId, int foundServerVersion, @Nullable String foundContainer) {
        systemId = foundSystemId;
        serverVersion = foundServerVersion;
        container = foundContainer;
    }

    SystemId systemId() {
        return systemId;
    }

    int serverVersion() {
        return serverVersion;
    }

    /** See {@code Probe.Identity}. */
    @Nullable
    String container() {
        return container;
    }

    /** From now on, statements have to end within this time. */
    void within(Duration time) {
        end = System.nanoTime() + time.toNanos();
    }

    PGConnection driver() throws SQLException {
        return connection.unwrap(PGConnection.class);
    }

    void run(String sql) throws SQLException {
        try (Statement statement = statement()) {
            statement.execute(sql);
        }
    }

    /** The first row, every column as text. */
    List<String> row(String sql) throws SQLException {
        List<List<String>> rows = rows(sql);
        if (rows.isEmpty()) {
            throw new SQLException("no row came back where one was expected");
        }
        return rows.getFirst();
    }

    /** Every column as text, NULL as the empty string. */
    List<List<String>> rows(String sql) throws SQLException {
        try (Statement statement = statement();
                ResultSet result = statement.executeQuery(sql)) {
            int width = result.getMetaData().getColumnCount();
            List<List<String>> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>(width);
                for (int column = 1; column <= width; column++) {
                    row.add(Objects.requireNonNullElse(result.getString(column), ""));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    String text(String sql) throws SQLException {
        return row(sql).getFirst();
    }

    boolean truth(String sql) throws SQLException {
        return text(sql).equals("t");
    }

    /** Asks until the answer is yes; false when there is no time left to ask again. */
    boolean await(String sql, Duration pause) throws SQLException {
        while (!truth(sql)) {
            if (!pause(pause)) {
                return false;
            }
        }
        return true;
    }

    /** Waits; false when there would be no time left for anything after it. */
    boolean pause(Duration pause) throws SQLException {
        if (end - System.nanoTime() < pause.plus(MARGIN).toNanos()) {
            return false;
        }
        try {
            Thread.sleep(pause);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTimeoutException("the time for it is up", e);
        }
    }

    private Statement statement() throws SQLException {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SQLTimeoutException("the time for it is up");
        }
        connection.setNetworkTimeout(Runnable::run, (int) Math.min(left, Integer.MAX_VALUE));
        Statement statement = connection.createStatement();
        statement.setEscapeProcessing(false);
        return statement;
    }

    /** With a farewell, so that the server's log does not complain. */
    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // It was closed already.
        }
    }

    /** At once, from any thread: the other end may not be there. */
    void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It was closed already.
        }
    }
}
