package dev.primacy.operator.postgres;

import java.sql.SQLException;
import java.time.Duration;

/** What the script in the pod goes by: a flag in the data directory and a signal. */
final class MemberFiles {
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final Duration CHECKPOINT = Duration.ofSeconds(3);

    private MemberFiles() {}

    /** The backend's working directory is the data directory; its disk has the flag before this returns. */
    static Outcome setSolo(SqlSession sql, boolean solo) throws SQLException {
        String program = solo
                ? "cat > primacy.solo && sync primacy.solo && sync ."
                : "cat > /dev/null; rm -f primacy.solo && sync .";
        sql.run("COPY (SELECT 'may start as primary by itself') TO PROGRAM " + Quoting.literal(program));
        boolean there = sql.truth("SELECT (pg_stat_file('primacy.solo', true)).size IS NOT NULL");
        return there == solo
                ? Outcome.DONE
                : new Outcome.Failed("the solo flag could not be " + (solo ? "put" : "removed"));
    }

    /**
     * The script is process 1 of the container, PostgreSQL its child under the same user. Done means that the server ended the
     * session.
     */
    static Outcome restart(SqlSession sql, boolean lower) throws SQLException {
        checkpoint(sql);
        sql.run("COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; kill -" + (lower ? "USR2" : "USR1") + " 1'");
        while (answers(sql)) {
            if (!sql.pause(LOOK)) {
                return new Outcome.Failed("the script was told to restart PostgreSQL, which has not stopped in time");
            }
        }
        return Outcome.DONE;
    }

    /**
     * Keeps the checkpoint of the shutdown short. Where it takes long or cannot be – the disk is full, say – the stop must not
     * wait for it: the script bounds that anyway.
     */
    private static void checkpoint(SqlSession sql) throws SQLException {
        sql.run("SET statement_timeout = " + CHECKPOINT.toMillis());
        try {
            sql.run("CHECKPOINT");
        } catch (SQLException e) {
            // That of the shutdown will do; a session that broke shows at the next statement.
        }
        sql.run("SET statement_timeout = 0");
    }

    private static boolean answers(SqlSession sql) {
        try {
            return sql.truth("SELECT true");
        } catch (SQLException e) {
            return false;
        }
    }
}
