package dev.primacy.operator.model;

import java.time.Duration;

/**
 * The times of a primary's leave to write, on which the operator, the script and PostgreSQL have to agree: who waits until it has run out
 * must wait no less than those who hold it (rule 3).
 */
public final class Leave {
    /** How long a grant lets a primary go on (ha-protocol, "Words"); {@code PRIMACY_TTL_SECONDS} of the script. */
    public static final Duration GRANT_TTL = Duration.ofSeconds(6);

    /** wal_sender_timeout and wal_receiver_timeout: how long the last word of a streaming peer lets a primary go on. */
    public static final Duration WAL_TIMEOUT = Duration.ofSeconds(5);

    private Leave() {}
}
