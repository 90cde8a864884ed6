package dev.primacy.operator.postgres;

import dev.primacy.operator.postgres.CommandSession.Setting;
import java.sql.SQLException;
import java.time.Duration;

/** Whom a standby streams from, and its vote: that it streams from nobody any more. */
final class Following {
    private static final Duration LOOK = Duration.ofMillis(5);
    /** How many looks in a row have to show no walreceiver: one that is being started is seen nowhere for a moment. */
    private static final int SETTLED = 5;
    /** After so many looks, clients that hold up the replay are ended. */
    private static final int PATIENCE = 10;

    /**
     * A walsender that is to end says so to its standby first, and would wait for as long as that is frozen; and the primary's checkpoint
     * for the walsender, to take its slot from it (PostgreSQL 15 to 18). A role's settings do not reach a walsender, its options do.
     */
    private static final String UNHEARD = "-c tcp_user_timeout=10s";

    private Following() {}

    static Outcome follow(CommandSession session, ReplicationFiles files, String host, int port, String slot)
            throws SQLException {
        if (!Promotion.inRecovery(session.sql())) {
            return new Outcome.Failed("it is a primary, and a primary follows nobody");
        }
        Promotion.releaseReserved(session.sql());
        return session.set(
                new Setting("primary_conninfo", host.isEmpty() ? "" : conninfo(session.member(), files, host, port)),
                new Setting("primary_slot_name", slot));
    }

    /** verify-ca: users may bring a server certificate that does not know the pods' names. */
    static String conninfo(String member, ReplicationFiles files, String host, int port) {
        return String.join(
                " ",
                Quoting.conninfo("host", host),
                Quoting.conninfo("port", Integer.toString(port)),
                Quoting.conninfo("user", "primacy_replica"),
                Quoting.conninfo("application_name", member),
                Quoting.conninfo("sslmode", "verify-ca"),
                Quoting.conninfo("sslcert", files.certificate()),
                Quoting.conninfo("sslkey", files.key()),
                Quoting.conninfo("sslrootcert", files.authority()),
                Quoting.conninfo("gssencmode", "disable"),
                Quoting.conninfo("connect_timeout", "3"),
                Quoting.conninfo("tcp_user_timeout", "5000"),
                Quoting.conninfo("options", UNHEARD));
    }

    /** The word "vote". The startup process stops the walreceiver when it reads the emptied setting, between two records. */
    static Outcome vote(CommandSession session, String synchronousStandbyNames) throws SQLException {
        SqlSession sql = session.sql();
        if (!Promotion.inRecovery(sql)) {
            return new Outcome.Failed("it is a primary, and a primary has no vote");
        }
        Outcome set = session.set(
                new Setting("primary_conninfo", ""),
                new Setting("primary_slot_name", ""),
                new Setting("synchronous_standby_names", synchronousStandbyNames));
        if (!(set instanceof Outcome.Done)) {
            return set;
        }
        // Who paused the replay may have gone home; a paused standby has no vote.
        sql.run("SELECT pg_wal_replay_resume() WHERE pg_get_wal_replay_pause_state() <> 'not paused'");
        int gone = 0;
        for (int looks = 1; gone < SETTLED || (looks <= PATIENCE && !isAtEnd(sql)); looks++) {
            gone = walreceiverGone(sql) ? gone + 1 : 0;
            if (looks == PATIENCE && (gone == 0 || !isAtEnd(sql))) {
                session.endClients();
            }
            if (!sql.pause(LOOK)) {
                return new Outcome.Failed("its walreceiver did not stop in time");
            }
        }
        return Outcome.DONE;
    }

    private static boolean isAtEnd(SqlSession sql) throws SQLException {
        return sql.truth("SELECT " + ProbeStatements.WAITS_FOR_LOG);
    }

    private static boolean walreceiverGone(SqlSession sql) throws SQLException {
        return sql.truth("SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)"
                + " AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'walreceiver')");
    }
}
