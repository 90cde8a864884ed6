package dev.primacy.operator.postgres;

import java.sql.SQLException;
import java.time.Duration;

/** Physical replication slots (rule 14). */
final class Slots {
    private static final Duration LOOK = Duration.ofMillis(10);

    private Slots() {}

    /** WAL is kept from this moment on, not from the first connection: the standby may still be cloning. */
    static Outcome create(SqlSession sql, String slot) throws SQLException {
        sql.run("SELECT pg_create_physical_replication_slot(" + Quoting.literal(slot) + ", true) WHERE NOT EXISTS"
                + " (SELECT FROM pg_replication_slots WHERE slot_name = " + Quoting.literal(slot) + ")");
        return Outcome.DONE;
    }

    /** A slot in use cannot be dropped, and a standby that is gone may look connected for a while. */
    static Outcome drop(SqlSession sql, String slot) throws SQLException {
        String named = " FROM pg_replication_slots WHERE slot_name = " + Quoting.literal(slot);
        while (sql.truth("SELECT EXISTS (SELECT" + named + ")")) {
            sql.run("SELECT pg_terminate_backend(active_pid)" + named + " AND active_pid IS NOT NULL");
            sql.run("SELECT pg_drop_replication_slot(slot_name)" + named + " AND active_pid IS NULL");
            if (!sql.truth("SELECT EXISTS (SELECT" + named + ")")) {
                break;
            }
            if (!sql.pause(LOOK)) {
                return new Outcome.Failed("the slot " + slot + " is in use again and again");
            }
        }
        return Outcome.DONE;
    }
}
