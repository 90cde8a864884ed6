package dev.primacy.operator.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rule 13: a primary that answers reads may still be unable to write. Every ten seconds a transactional message goes to its
 * log, which commits and so is flushed, on a session of its own: a write that hangs must not delay the look, let alone the
 * grant. Log fits into segments that are there already; so the same statement asks for new room, too, by a temporary file.
 * Between the writes the thread waits on the socket; when the server ends the session it is known at once.
 *
 * <p>The session also reads what the look must not, since it could have to wait for a lock: the roles and databases.
 */
final class WriteCheck {
    private static final Logger LOG = LoggerFactory.getLogger(WriteCheck.class);

    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final Duration SLOW = Duration.ofSeconds(5);
    private static final Duration GIVE_UP = Duration.ofSeconds(30);
    /** Not sooner is a session opened again: there may be no connection left for it. */
    private static final Duration RETRY = Duration.ofSeconds(2);

    /** 256 KiB, which is more than {@code work_mem} holds: PostgreSQL writes them to a file beside its tables, and removes it. */
    private static final String WRITE =
            "WITH room AS MATERIALIZED (SELECT repeat('x', 1024) FROM generate_series(1, 256))"
                    + " SELECT pg_logical_emit_message(true, 'primacy', (SELECT count(*) FROM room)::text)";

    /** The least work_mem; and neither a user's limit, nor a user's log of such files, nor another volume for them. */
    private static final String IN_A_FILE =
            "SET work_mem = '64kB'; SET temp_file_limit = -1; SET log_temp_files = -1; SET temp_tablespaces = ''";

    private static final Pattern OF_THIS_TRY = Pattern.compile("pgsql_tmp\\d+\\.\\d+");

    /**
     * Every change of a role, its password included, and of a database's owner or rights makes a new version of its row.
     */
    private static final String ROLES =
            "SELECT md5((SELECT string_agg(oid || ':' || xmin, ',' ORDER BY oid) FROM pg_authid)"
                    + " || (SELECT string_agg(oid || ':' || xmin, ',' ORDER BY oid) FROM pg_database))";

    private final Supplier<Connector> connector;
    private final Supplier<Endpoint> endpoint;
    private final Supplier<Duration> clock;
    private final Runnable onBreak;

    private volatile @Nullable Thread thread;
    private @Nullable Duration ended;
    private volatile @Nullable String failure;
    private volatile @Nullable Duration writingSince;
    private volatile String roles = "";

    WriteCheck(Supplier<Connector> connector, Supplier<Endpoint> endpoint, Supplier<Duration> clock, Runnable onBreak) {
        this.connector = connector;
        this.endpoint = endpoint;
        this.clock = clock;
        this.onBreak = onBreak;
    }

    /** Null while writes go well, or are not known to go wrong. */
    @Nullable
    String failure() {
        Duration since = writingSince;
        boolean slow = since != null && clock.get().minus(since).compareTo(SLOW) > 0;
        return slow ? "a write has not finished for " + SLOW.toSeconds() + " s and more" : failure;
    }

    /** See {@link dev.primacy.operator.model.Probe.Primary}. */
    String roles() {
        return roles;
    }

    /** The member is a primary: watch it, if that is not being done. */
    synchronized void watch() {
        boolean due = ended == null || clock.get().minus(ended).compareTo(RETRY) >= 0;
        if (thread == null && due) {
            thread = Thread.ofVirtual()
                    .name("primacy-writes-" + endpoint.get().member())
                    .start(this::writeAndWait);
        }
    }

    /** It is not one, or nobody cares any more. */
    synchronized void rest() {
        Thread running = thread;
        thread = null;
        failure = null;
        writingSince = null;
        if (running != null) {
            running.interrupt(); // closes the socket on which it waits
        }
    }

    private void writeAndWait() {
        boolean opened = false;
        try (SqlSession session = connector.get().open(endpoint.get(), Connector.MAINTENANCE_DATABASE, GIVE_UP)) {
            opened = true;
            session.run(IN_A_FILE);
            while (isMine()) {
                write(session);
                session.within(SLOW);
                roles = session.text(ROLES);
                waitIn(session);
            }
        } catch (SQLException e) {
            // The look itself will say what is wrong; here it only matters that something changed.
        } catch (RuntimeException e) {
            // Nobody foresaw it; but the next look has to begin anew, or writes would never be watched again.
            LOG.error("Watching the writes of {} failed", endpoint.get().member(), e);
        }
        synchronized (this) {
            if (!isMine()) {
                return;
            }
            thread = null;
            writingSince = null;
            ended = clock.get();
        }
        if (opened) {
            onBreak.run();
        }
    }

    /** Until a whole second, when the members are looked at anyway: the process wakes up once for both. */
    private void waitIn(SqlSession session) throws SQLException {
        Duration now = clock.get();
        Duration next = now.truncatedTo(ChronoUnit.SECONDS).plus(PERIOD);
        session.within(PERIOD);
        session.driver().getNotifications((int) next.minus(now).toMillis() + 1);
    }

    private void write(SqlSession session) throws SQLException {
        writingSince = clock.get();
        session.within(GIVE_UP);
        try {
            session.run(WRITE);
            failure = null;
        } catch (SQLException e) {
            // A full disk, say; not the end of the session.
            failure = e.getSQLState() == null || e.getSQLState().startsWith("57") ? null : words(e);
            if (failure == null) {
                throw e;
            }
        } finally {
            writingSince = null;
        }
    }

    /** The same words each time: the file has another name whenever it is tried. */
    private static String words(SQLException e) {
        return OF_THIS_TRY.matcher(Failures.words(e)).replaceAll("pgsql_tmp");
    }

    private boolean isMine() {
        return Thread.currentThread().equals(thread);
    }
}
