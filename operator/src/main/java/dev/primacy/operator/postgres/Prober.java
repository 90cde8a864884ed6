package dev.primacy.operator.postgres;

import dev.primacy.operator.model.Probe;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks at one member, on a kept session that is opened anew when it broke. Used by one thread at a time. */
public final class Prober implements AutoCloseable {
    private static final Duration OPENING = Duration.ofSeconds(3);

    private final Supplier<Duration> clock;
    private final WriteCheck writes;
    private volatile Connector connector;
    private volatile Endpoint endpoint;
    private @Nullable ProbeSession session;
    private @Nullable Successor successor;

    /**
     * @param clock the operator's monotonic clock
     * @param onBreak called, from another thread, when a primary's connection breaks between two looks
     */
    public Prober(Connector connector, Endpoint endpoint, Supplier<Duration> clock, Runnable onBreak) {
        this.connector = connector;
        this.endpoint = endpoint;
        this.clock = clock;
        this.writes = new WriteCheck(() -> this.connector, () -> this.endpoint, clock, onBreak);
    }

    /** What is opened from now on has to prove this, and uses that. A session that stands is kept until such a one does. */
    public void expect(Connector access, Endpoint known) {
        endpoint = known;
        connector = access;
    }

    /**
     * One look. Never throws, and answers within the deadline; where a session has to be opened first, that has its own: a busy
     * node may take a while to start a process, and that the member did not answer is known by then.
     */
    public Probe probe(Grants grants, Duration deadline) {
        ProbeSession kept = session;
        session = null; // It comes back only if all goes well.
        ProbeSession next = kept == null ? null : next(kept);
        Looked looked;
        try {
            looked = Bounded.within(
                    kept == null || next != null ? OPENING.plus(deadline) : deadline,
                    () -> look(kept, next, grants, deadline));
        } catch (SQLException e) {
            abort(kept);
            abort(next);
            return Failures.probe(e);
        }
        session = looked.session();
        if (next != null || !(looked.probe() instanceof Probe.Primary)) {
            writes.rest();
        }
        if (looked.probe() instanceof Probe.Primary) {
            writes.watch();
        }
        return looked.probe();
    }

    /** What takes the place of {@code kept}, once it stands; null if there is no need of it or it does not stand yet. */
    private @Nullable ProbeSession next(ProbeSession kept) {
        Connector wanted = connector;
        if (successor != null && !successor.isBy(wanted)) {
            successor.close();
            successor = null;
        }
        if (successor == null) {
            successor = kept.isBy(wanted) ? null : new Successor(wanted, OPENING, this::open);
            return null;
        }
        if (!successor.ended()) {
            return null;
        }
        ProbeSession opened = successor.take();
        successor = null;
        return opened;
    }

    private static void abort(@Nullable ProbeSession broken) {
        if (broken != null) {
            broken.sql().abort();
        }
    }

    private record Looked(ProbeSession session, Probe probe) {}

    private Looked look(@Nullable ProbeSession kept, @Nullable ProbeSession next, Grants grants, Duration deadline)
            throws SQLException {
        ProbeSession used = kept != null ? kept : open();
        try {
            Probe probe = used.look(grants, deadline, writes);
            if (next == null) {
                return new Looked(used, probe);
            }
            // The grant that the kept session shows is lost with it: the next one shows its own before.
            next.inherit(used);
            Probe newest = next.look(grants, deadline, writes);
            used.close();
            return new Looked(next, newest);
        } catch (SQLException | RuntimeException e) {
            used.close();
            if (next != null) {
                next.close();
            }
            throw e;
        }
    }

    private ProbeSession open() throws SQLException {
        Connector access = connector;
        SqlSession sql = access.open(endpoint, Connector.MAINTENANCE_DATABASE, OPENING);
        try {
            return new ProbeSession(sql, access, endpoint.member(), clock);
        } catch (SQLException | RuntimeException e) {
            sql.close();
            throw e;
        }
    }

    @Override
    public void close() {
        writes.rest();
        if (successor != null) {
            successor.close();
            successor = null;
        }
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
