package dev.primacy.operator.postgres;

import dev.primacy.operator.model.Probe;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks at one member, on a kept session that is opened anew when it broke. Used by one thread at a time. */
public final class Prober implements AutoCloseable {
    private static final Duration OPENING = Duration.ofSeconds(3);

    private final Connector connector;
    private final Supplier<Duration> clock;
    private final WriteCheck writes;
    private volatile Endpoint endpoint;
    private @Nullable ProbeSession session;

    /**
     * @param clock the operator's monotonic clock
     * @param onBreak called, from another thread, when a primary's connection breaks between two looks
     */
    public Prober(Connector connector, Endpoint endpoint, Supplier<Duration> clock, Runnable onBreak) {
        this.connector = connector;
        this.endpoint = endpoint;
        this.clock = clock;
        this.writes = new WriteCheck(connector, () -> this.endpoint, clock, onBreak);
    }

    /** What is opened from now on has to prove this. */
    public void expect(Endpoint known) {
        endpoint = known;
    }

    /**
     * One look. Never throws, and answers within the deadline; where a session has to be opened first, that has its own: a busy
     * node may take a while to start a process, and that the member did not answer is known by then.
     */
    public Probe probe(Grants grants, Duration deadline) {
        ProbeSession kept = session;
        session = null; // It comes back only if all goes well.
        Looked looked;
        try {
            looked = Bounded.within(
                    kept == null ? OPENING.plus(deadline) : deadline, () -> look(kept, grants, deadline));
        } catch (SQLException e) {
            if (kept != null) {
                kept.sql().abort();
            }
            return Failures.probe(e);
        }
        session = looked.session();
        if (looked.probe() instanceof Probe.Primary) {
            writes.watch();
        } else {
            writes.rest();
        }
        return looked.probe();
    }

    private record Looked(ProbeSession session, Probe probe) {}

    private Looked look(@Nullable ProbeSession kept, Grants grants, Duration deadline) throws SQLException {
        ProbeSession used = kept != null ? kept : open();
        try {
            return new Looked(used, used.look(grants, deadline, writes));
        } catch (SQLException | RuntimeException e) {
            used.close();
            throw e;
        }
    }

    private ProbeSession open() throws SQLException {
        SqlSession sql = connector.open(endpoint, Connector.MAINTENANCE_DATABASE, OPENING);
        try {
            return new ProbeSession(sql, endpoint.member(), clock);
        } catch (SQLException | RuntimeException e) {
            sql.close();
            throw e;
        }
    }

    @Override
    public void close() {
        writes.rest();
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
