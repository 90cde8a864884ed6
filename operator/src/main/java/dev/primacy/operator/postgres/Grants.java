package dev.primacy.operator.postgres;

import java.time.Duration;
import java.util.OptionalLong;

/** Decides whether a primary may be told to stay writable (the protocol's word "grant"). */
@FunctionalInterface
public interface Grants {
    Grants NONE = received -> OptionalLong.empty();

    /**
     * Asked just before a probe is sent. Whoever answers with an epoch has checked the leadership after {@code received}, and
     * has to reckon that the member stays writable until TTL after {@code received}.
     *
     * @param received when the member's own time, which the grant would carry, arrived; on the operator's monotonic clock
     * @return the epoch under which it is granted; empty if it is not
     */
    OptionalLong permit(Duration received);
}
