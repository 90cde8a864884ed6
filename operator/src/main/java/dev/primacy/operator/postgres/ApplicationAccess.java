package dev.primacy.operator.postgres;

import java.util.Objects;

/**
 * The owner's role and database as they should be.
 *
 * @param password in clear; it reaches the server as a SCRAM verifier only
 */
public record ApplicationAccess(String owner, String password, String database, boolean createDatabases) {
    public ApplicationAccess {
        Objects.requireNonNull(owner);
        Objects.requireNonNull(password);
        Objects.requireNonNull(database);
    }

    /** Without the password, since records find their way into logs. */
    @Override
    public String toString() {
        return "ApplicationAccess[owner=" + owner + ", database=" + database + ", createDatabases=" + createDatabases
                + "]";
    }
}
