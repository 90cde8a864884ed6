package dev.primacy.operator.monitor;

import dev.primacy.operator.postgres.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom to watch, and who is granted to stay writable.
 *
 * @param epoch of this operator's leadership; grants are given under it
 * @param granted the member that gets grants; null while nobody may: before the first primary, and from the moment a failover
 *     is decided
 * @param hurried something is awaited, so look twenty times a second ({@link Pace#HURRIED})
 */
public record Watch(
        List<Endpoint> endpoints, long epoch, @Nullable String granted, boolean hurried) {
    public static final Watch NOTHING = new Watch(List.of(), 0, null, false);

    public Watch {
        endpoints = List.copyOf(endpoints);
    }
}
