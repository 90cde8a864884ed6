package dev.primacy.operator.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session that may act on a member (rule 1): it has ended the sessions of other operators there, holds the member's advisory
 * lock, and then saw that the member's epoch is not newer than its own, and wrote its own.
 */
final class CommandSession implements AutoCloseable {
    static final long LOCK = 7_220_743L;
    private static final Duration LOOK = Duration.ofMillis(3);

    /**
     * The epoch as it stands on disk. The setting of a backend follows a reload by a moment, and not at all while the
     * configuration files have an error; the file is written atomically and durably by ALTER SYSTEM.
     */
    static final String EPOCH = "COALESCE((regexp_match(pg_read_file('postgresql.auto.conf'),"
            + " 'primacy\\.epoch = ''(\\d+)'''))[1]::bigint, 0)";

    private final SqlSession sql;
    private final Endpoint endpoint;
    private final long epoch;

    private CommandSession(SqlSession sql, Endpoint endpoint, long epoch) {
        this.sql = sql;
        this.endpoint = endpoint;
        this.epoch = epoch;
    }

    /** Either a session or the reason why there is none. */
    record Opened(@Nullable CommandSession session, Outcome outcome) {}

    static Opened open(Connector connector, Mandate mandate) throws SQLException {
        SqlSession sql = connector.open(mandate.endpoint(), Connector.MAINTENANCE_DATABASE, mandate.within());
        try {
            Opened opened = take(sql, connector, mandate);
            if (opened.session() == null) {
                sql.close();
            }
            return opened;
        } catch (SQLException | RuntimeException e) {
            sql.close();
            throw e;
        }
    }

    private static Opened take(SqlSession sql, Connector connector, Mandate mandate) throws SQLException {
        if (sql.serverVersion() >= 170000) {
            sql.run("SET transaction_timeout = 0");
        }
        // Looked at first as well, so that a stale operator does not even disturb the one that superseded it.
        long before = epochOnDisk(sql);
        if (before > mandate.epoch()) {
            return new Opened(null, new Outcome.Superseded(before));
        }
        endOthers(sql, connector.applicationName());
        sql.run("SET lock_timeout = " + Math.max(1, mandate.within().toMillis()));
        sql.run("SELECT pg_advisory_lock(" + LOCK + ")");
        sql.run("SET lock_timeout = 0");
        long found = epochOnDisk(sql);
        if (found > mandate.epoch()) {
            return new Opened(null, new Outcome.Superseded(found));
        }
        CommandSession session = new CommandSession(sql, mandate.endpoint(), mandate.epoch());
        session.adopt(found);
        return new Opened(session, Outcome.DONE);
    }

    /**
     * The operator is one process that opens one such session a member: who else holds the lock is a leftover, or somebody who has nothing
     * to do with it, since anybody may take any advisory lock in a database to which he may connect.
     */
    private static void endOthers(SqlSession sql, String applicationName) throws SQLException {
        sql.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        + " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND ((usename = '"
                        + Connector.ROLE + "' AND application_name <> left(" + Quoting.literal(applicationName)
                        + ", 63))"
                        + " OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = "
                        + LOCK
                        + " AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))");
    }

    private static long epochOnDisk(SqlSession sql) throws SQLException {
        return Long.parseLong(sql.text("SELECT " + EPOCH));
    }

    private void adopt(long found) throws SQLException {
        if (found < epoch) {
            sql.run("ALTER SYSTEM SET primacy.epoch = '" + epoch + "'");
        } else if (sql.truth("SELECT COALESCE(current_setting('primacy.epoch', true), '0')::bigint >= " + epoch)) {
            return;
        }
        // Who sees the epoch may conclude that no earlier order is left; a session that broke off here is made up for.
        takeBackPromotion();
        sql.run("SELECT pg_reload_conf()");
    }

    /**
     * What an earlier epoch ordered and is not begun: a standby that has much to replay looks at the order only when it is through,
     * minutes later perhaps, and removes the file by which it was given when it begins (PostgreSQL 15 to 18). The epoch is on disk
     * before: the script, whose order needs no session, looks there once it has given one.
     */
    private void takeBackPromotion() throws SQLException {
        if (sql.truth("SELECT (pg_stat_file('promote', true)).size IS NOT NULL")) {
            sql.run("COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; rm -f promote'");
        }
    }

    /** Ends whoever reads or writes here, and is not the operator or a standby. Who is connected outlives his role, and has no name then. */
    void endClients() throws SQLException {
        sql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                + " AND pid <> pg_backend_pid() AND COALESCE(usename, '') NOT IN ('primacy', 'primacy_replica')");
    }

    SqlSession sql() {
        return sql;
    }

    String member() {
        return endpoint.member();
    }

    boolean serves(Mandate mandate) {
        return endpoint.equals(mandate.endpoint()) && epoch == mandate.epoch();
    }

    /** The server may have restarted since the last command, or another operator have ended the session. */
    boolean alive(Duration within) {
        sql.within(within);
        try {
            return sql.truth("SELECT true");
        } catch (SQLException e) {
            return false;
        }
    }

    /** A condition for statements that must not take effect once the member follows a newer epoch. */
    String guard() {
        return EPOCH + " = " + epoch;
    }

    /** Writes settings with ALTER SYSTEM where they differ, reloads, and sees them in force. */
    Outcome set(Setting... settings) throws SQLException {
        List<String> written =
                sql.text("SELECT pg_read_file('postgresql.auto.conf')").lines().toList();
        StringBuilder inForce = new StringBuilder("SELECT true");
        boolean changed = false;
        for (Setting setting : settings) {
            inForce.append(" AND ").append(setting.inForce());
            if (!written.contains(setting.line())) {
                sql.run("ALTER SYSTEM SET " + setting.name() + " = " + Quoting.literal(setting.value()));
                changed = true;
            }
        }
        if (!changed && sql.truth(inForce.toString())) {
            return Outcome.DONE;
        }
        sql.run("SELECT pg_reload_conf()");
        return sql.await(inForce.toString(), LOOK)
                ? Outcome.DONE
                : new Outcome.Failed("PostgreSQL did not load the new value of " + settings[0].name()
                        + "; an error in its configuration files keeps all of them from being loaded");
    }

    record Setting(String name, String value) {
        String inForce() {
            return "current_setting('" + name + "') = " + Quoting.literal(value);
        }

        /** As ALTER SYSTEM writes it. */
        String line() {
            return name + " = '" + value.replace("\\", "\\\\").replace("'", "''") + "'";
        }
    }

    @Override
    public void close() {
        sql.close();
    }
}
