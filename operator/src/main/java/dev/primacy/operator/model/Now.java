package dev.primacy.operator.model;

import java.time.Duration;
import java.time.Instant;

/**
 * The time of a pass.
 *
 * @param wall for people: events, conditions, times to live
 * @param monotonic since the operator started; for every wait of the protocol, since wall clocks step
 */
public record Now(Instant wall, Duration monotonic) {}
