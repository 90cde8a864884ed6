package dev.primacy.operator.postgres;

import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A session that is opened beside the one in use, with another certificate. On a busy node that takes seconds, and a primary
 * must not miss its grants meanwhile.
 */
final class Successor implements AutoCloseable {
    private final Connector connector;

    private @Nullable ProbeSession opened;
    private boolean ended;
    private boolean closed;

    /** @param opening throws when it cannot be done, which {@link #ended} then tells */
    Successor(Connector connector, Duration within, Bounded.Work<ProbeSession> opening) {
        this.connector = connector;
        Thread.ofVirtual().name("primacy-successor").start(() -> open(within, opening));
    }

    private void open(Duration within, Bounded.Work<ProbeSession> opening) {
        ProbeSession session = null;
        try {
            session = Bounded.within(within, opening);
        } catch (SQLException e) {
            // The session in use goes on, and who owns it tries again. A command, which needs a new one, tells of the
            // reason.
        } finally {
            settle(session);
        }
    }

    private synchronized void settle(@Nullable ProbeSession session) {
        ended = true;
        if (closed && session != null) {
            session.close();
        } else {
            opened = session;
        }
    }

    boolean isBy(Connector wanted) {
        return connector.equals(wanted);
    }

    /** Whether it stands or could not be opened. */
    synchronized boolean ended() {
        return ended;
    }

    /** The session, which is the caller's from now on; null if there is none. */
    synchronized @Nullable ProbeSession take() {
        ProbeSession taken = opened;
        opened = null;
        return taken;
    }

    @Override
    public synchronized void close() {
        closed = true;
        ProbeSession session = take();
        if (session != null) {
            session.close();
        }
    }
}
