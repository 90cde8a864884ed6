package dev.primacy.api.v1;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A new, empty database cluster. */
public record Initdb(
        String database,
        String owner,
        Boolean ownerCanCreateDatabases,
        String encoding,
        String locale,
        @Nullable Integer walSegmentSizeMegabytes) {
    static final Initdb DEFAULT = new Initdb("app", "app", true, "UTF8", "C.UTF-8", null);

    public Initdb {
        database = Objects.requireNonNullElse(database, "app");
        owner = Objects.requireNonNullElse(owner, "app");
        ownerCanCreateDatabases = Objects.requireNonNullElse(ownerCanCreateDatabases, true);
        encoding = Objects.requireNonNullElse(encoding, "UTF8");
        locale = Objects.requireNonNullElse(locale, "C.UTF-8");
    }
}
