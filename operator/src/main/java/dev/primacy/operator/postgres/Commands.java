package dev.primacy.operator.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the operator does to the members of one cluster over SQL: one method for each of its actions. Every one acts under a
 * {@link Mandate}, in a session that holds the member under the mandate's epoch (rule 1), may be repeated, and ends within the
 * mandate's time. Commands on one member wait for each other; those on different members do not.
 */
public final class Commands implements AutoCloseable {
    /** An abandoned session is ended a little after its time, so that the outcome can still tell why. */
    private static final Duration GRACE = Duration.ofMillis(200);

    private final Connector connector;
    private final ReplicationFiles files;
    private final ApplicationRole application = new ApplicationRole();
    private final Map<String, Kept> sessions = new ConcurrentHashMap<>();

    public Commands(Connector connector) {
        this(connector, ReplicationFiles.MOUNTED);
    }

    Commands(Connector connector, ReplicationFiles files) {
        this.connector = connector;
        this.files = files;
    }

    private static final class Kept {
        final ReentrantLock lock = new ReentrantLock();

        @Nullable
        CommandSession session;
    }

    /** Makes the mandate's epoch the member's. */
    public Outcome adoptEpoch(Mandate mandate) {
        return act("adopt epoch", mandate, session -> Outcome.DONE);
    }

    /** The word "vote": the member's epoch is raised, it follows nobody, and its walreceiver is seen gone. */
    public Outcome vote(Mandate mandate, String synchronousStandbyNames) {
        return act("vote", mandate, session -> Following.vote(session, synchronousStandbyNames));
    }

    /**
     * Rules 6 and 7. Done means: it is out of recovery.
     *
     * @param container see {@code Action.Promote}
     */
    public Outcome promote(
            Mandate mandate,
            @Nullable String container,
            int reserveTo,
            String synchronousStandbyNames,
            List<String> promotable) {
        return act(
                "promote",
                mandate,
                session -> Promotion.promote(session, container, reserveTo, synchronousStandbyNames, promotable));
    }

    /** @param host empty to follow nobody */
    public Outcome follow(Mandate mandate, String host, int port, String slot) {
        return act("follow", mandate, session -> Following.follow(session, files, host, port, slot));
    }

    public Outcome setSynchronous(Mandate mandate, String synchronousStandbyNames) {
        return act(
                "set synchronous standbys",
                mandate,
                session ->
                        session.set(new CommandSession.Setting("synchronous_standby_names", synchronousStandbyNames)));
    }

    public Outcome setPromotable(Mandate mandate, List<String> promotable) {
        return act(
                "set promotable members",
                mandate,
                session -> session.set(new CommandSession.Setting("primacy.promotable", String.join(",", promotable))));
    }

    /**
     * Whether PostgreSQL would start and reload with this text as its postgresql.conf.
     *
     * @param expressions regular expressions, without the slash, that pg_hba.conf is to have
     */
    public Outcome checkConfiguration(Mandate mandate, String postgresqlConf, List<String> expressions) {
        return act(
                "check configuration",
                mandate,
                session -> ConfigurationCheck.check(session.sql(), postgresqlConf, expressions));
    }

    /** @param certificateHash as {@link CertificateHash} makes it; empty not to wait for a certificate */
    public Outcome reload(Mandate mandate, String configHash, String certificateHash) {
        return act("reload", mandate, session -> Reloading.reload(session.sql(), configHash, certificateHash));
    }

    public Outcome createSlot(Mandate mandate, String slot) {
        return act("create slot", mandate, session -> Slots.create(session.sql(), slot));
    }

    public Outcome dropSlot(Mandate mandate, String slot) {
        return act("drop slot", mandate, session -> Slots.drop(session.sql(), slot));
    }

    public Outcome checkpoint(Mandate mandate) {
        return act("checkpoint", mandate, session -> {
            session.sql().run("CHECKPOINT");
            return Outcome.DONE;
        });
    }

    /** @param lower see {@code Action.RestartInPlace} */
    public Outcome restartInPlace(Mandate mandate, boolean lower) {
        return act("restart", mandate, session -> MemberFiles.restart(session.sql(), lower));
    }

    public Outcome setSolo(Mandate mandate, boolean solo) {
        return act("set solo", mandate, session -> MemberFiles.setSolo(session.sql(), solo));
    }

    public Outcome ensureApplication(Mandate mandate, ApplicationAccess wanted) {
        return act("ensure application", mandate, session -> application.ensure(session.sql(), wanted));
    }

    private interface Command {
        Outcome run(CommandSession session) throws SQLException;
    }

    private Outcome act(String what, Mandate mandate, Command command) {
        Kept kept = sessions.computeIfAbsent(mandate.endpoint().member(), member -> new Kept());
        kept.lock.lock();
        try {
            CommandSession before = kept.session;
            Acted acted = Bounded.within(mandate.within().plus(GRACE), () -> act(before, mandate, command));
            kept.session = acted.session();
            return acted.outcome();
        } catch (SQLException e) {
            discard(kept);
            return Failures.outcome(what, e);
        } finally {
            kept.lock.unlock();
        }
    }

    /** The session is null when there is none to keep. */
    private record Acted(@Nullable CommandSession session, Outcome outcome) {}

    private Acted act(@Nullable CommandSession kept, Mandate mandate, Command command) throws SQLException {
        CommandSession session = kept;
        if (session == null || !session.serves(mandate) || !session.alive(mandate.within())) {
            if (session != null) {
                session.sql().abort();
            }
            CommandSession.Opened opened = CommandSession.open(connector, mandate);
            session = opened.session();
            if (session == null) {
                return new Acted(null, opened.outcome());
            }
        }
        try {
            session.sql().within(mandate.within());
            return new Acted(session, command.run(session));
        } catch (SQLException | RuntimeException e) {
            session.sql().abort();
            throw e;
        }
    }

    private static void discard(Kept kept) {
        CommandSession session = kept.session;
        kept.session = null;
        if (session != null) {
            session.sql().abort();
        }
    }

    /** Ends the kept sessions; the next command opens anew. */
    @Override
    public void close() {
        for (Kept kept : sessions.values()) {
            kept.lock.lock();
            try {
                discard(kept);
            } finally {
                kept.lock.unlock();
            }
        }
    }
}
