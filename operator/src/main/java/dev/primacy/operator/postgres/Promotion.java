package dev.primacy.operator.postgres;

import dev.primacy.operator.postgres.CommandSession.Setting;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Rules 6 and 7. */
final class Promotion {
    private static final Duration LOOK = Duration.ofMillis(3);
    /** As the look saw it, by which it was chosen: the control file tells of a switch only after the next flush. */
    private static final String TIMELINE =
            "SELECT " + ProbeStatements.STANDBY_TIMELINE + " FROM pg_stat_get_wal_receiver() w";

    /** By it a reserved history file is told from a real one. */
    private static final String MARK = "# reserved by primacy";

    private Promotion() {}

    static Outcome promote(
            CommandSession session,
            @Nullable String container,
            int reserveTo,
            String synchronousStandbyNames,
            List<String> promotable)
            throws SQLException {
        SqlSession sql = session.sql();
        if (container != null && !container.equals(sql.container())) {
            return new Outcome.Failed("it runs in another container than " + container + ", in which it was chosen");
        }
        Outcome settings = session.set(
                new Setting("synchronous_standby_names", synchronousStandbyNames),
                new Setting("primacy.promotable", String.join(",", promotable)));
        if (!(settings instanceof Outcome.Done) || !inRecovery(sql)) {
            return settings;
        }
        int timeline = Integer.parseInt(sql.text(TIMELINE));
        if (reserveTo < timeline) {
            return new Outcome.Failed("it has followed to timeline " + timeline + ", so that the next one is not "
                    + (reserveTo + 1) + ", which is reserved for this promotion");
        }
        reserve(sql, timeline, reserveTo);
        // Clients that read on it would only hold up the end of recovery, and learn late that a primary is there.
        session.endClients();
        // wait => false: PostgreSQL itself would look only every 100 ms.
        if (sql.rows("SELECT pg_promote(false) WHERE " + session.guard()).isEmpty()) {
            return new Outcome.Superseded(Long.parseLong(sql.text("SELECT " + CommandSession.EPOCH)));
        }
        return sql.await("SELECT NOT pg_is_in_recovery()", LOOK)
                ? Outcome.DONE
                : new Outcome.Failed("the promotion was begun but did not end in time; it may still become a primary");
    }

    /**
     * PostgreSQL takes the first number above its own for which it has no history file, looking upwards without a gap. A reserved
     * file holds a comment alone: a startup process that finds it before the promotion sees a timeline that is no child of its own,
     * says so in the log, and stays where it is. With an ancestry in it, it would take it for the timeline to recover to.
     * Each is flushed, since a standby that follows asks its upstream for every number in between.
     */
    static void reserve(SqlSession sql, int timeline, int reserveTo) throws SQLException {
        if (reserveTo == timeline) {
            return;
        }
        StringBuilder files = new StringBuilder();
        for (int number = timeline + 1; number <= reserveTo; number++) {
            files.append(String.format(Locale.ROOT, " %08X", number));
        }
        sql.run("COPY (SELECT " + Quoting.literal(MARK) + ") TO PROGRAM "
                + Quoting.literal("mark=$(cat); for n in" + files + "; do f=pg_wal/$n.history; [ -e $f ] ||"
                        + " { echo \"$mark\" > $f && sync $f; } || exit 1; done; sync pg_wal"));
    }

    /**
     * Takes back what was reserved for a promotion that did not come to pass: everything above the newest real history. It would
     * hide the real history of its number from the walreceiver, which fetches only what is not there. (A member that restarts
     * before that is freed of it by the script: PostgreSQL would wait for the log of a timeline that nobody has.)
     */
    static void releaseReserved(SqlSession sql) throws SQLException {
        List<List<String>> reserved = sql.rows("WITH history AS (SELECT name COLLATE \"C\" AS name, "
                + ProbeStatements.file("'pg_wal/' || name") + " LIKE '" + MARK + "%' AS reserved"
                + " FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{8}\\.history$') SELECT name FROM history WHERE reserved"
                + " AND name > COALESCE((SELECT max(name) FROM history WHERE NOT reserved), '')");
        for (List<String> file : reserved) {
            sql.run("COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; rm -f pg_wal/" + file.getFirst() + "'");
        }
    }

    static boolean inRecovery(SqlSession sql) throws SQLException {
        return sql.truth("SELECT pg_is_in_recovery()");
    }
}
