package dev.primacy.api.v1;

import org.jspecify.annotations.Nullable;

/** A new, empty database cluster. */
public record Initdb(
        @Nullable String database,
        @Nullable String owner,
        @Nullable Boolean ownerCanCreateDatabases,
        @Nullable String encoding,
        @Nullable String locale,
        @Nullable String localeProvider,
        @Nullable Integer walSegmentSizeMegabytes) {}
