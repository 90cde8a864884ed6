package dev.primacy.operator.postgres;

import java.time.Duration;

/**
 * The leave to act on one member: under which epoch, and how long it may take.
 *
 * @param within for the whole of the command, the opening of a session included
 */
public record Mandate(Endpoint endpoint, long epoch, Duration within) {}
