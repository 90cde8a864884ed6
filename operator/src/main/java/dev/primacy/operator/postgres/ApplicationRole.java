package dev.primacy.operator.postgres;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings the owner's role, its password, its database and its rights to what is wanted, and changes nothing that is so. */
final class ApplicationRole {
    /** What pg_rewind calls on its source (its manual page, "Notes"). */
    private static final List<String> REWIND_FUNCTIONS = List.of(
            "pg_catalog.pg_ls_dir(text, boolean, boolean)",
            "pg_catalog.pg_stat_file(text, boolean)",
            "pg_catalog.pg_read_binary_file(text)",
            "pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)");

    /** The last verifier that was found to be a password's: to find it again would take thousands of hashes. */
    private volatile @Nullable Proven proven;

    private record Proven(String verifier, String password) {}

    Outcome ensure(SqlSession sql, ApplicationAccess wanted) throws SQLException {
        if (Promotion.inRecovery(sql)) {
            return new Outcome.Failed("it is a standby: roles and databases are made on the primary");
        }
        // Who has changed the role and not committed holds this up; it is tried again, and the cluster has other needs
        // meanwhile.
        sql.run("SET lock_timeout = '3s'");
        ensureReplicationRole(sql);
        ensureRole(sql, wanted);
        ensurePassword(sql, wanted);
        ensureDatabase(sql, wanted);
        sql.run("SET lock_timeout = 0"); // after a failure the session is given up
        return Outcome.DONE;
    }

    /** The standbys' role, as the script makes it after initdb; somebody may have dropped it or taken a right away. */
    private static void ensureReplicationRole(SqlSession sql) throws SQLException {
        if (sql.rows("SELECT 1 FROM pg_roles WHERE rolname = 'primacy_replica' AND rolcanlogin AND rolreplication")
                .isEmpty()) {
            boolean missing = sql.rows("SELECT 1 FROM pg_roles WHERE rolname = 'primacy_replica'")
                    .isEmpty();
            sql.run((missing ? "CREATE" : "ALTER") + " ROLE primacy_replica LOGIN REPLICATION");
            // Who still streams as the role that was dropped is counted for nobody; it connects again as the new one.
            sql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_replication WHERE usename IS NULL");
        }
        for (String function : REWIND_FUNCTIONS) {
            if (!sql.truth("SELECT has_function_privilege('primacy_replica', '" + function + "', 'EXECUTE')")) {
                sql.run("GRANT EXECUTE ON FUNCTION " + function + " TO primacy_replica");
            }
        }
    }

    private static void ensureRole(SqlSession sql, ApplicationAccess wanted) throws SQLException {
        String role = Quoting.identifier(wanted.owner());
        String attributes = " LOGIN NOSUPERUSER NOREPLICATION NOBYPASSRLS "
                + (wanted.createDatabases() ? "CREATEDB" : "NOCREATEDB");
        List<List<String>> found = sql.rows("SELECT rolcanlogin AND NOT rolsuper AND NOT rolreplication"
                + " AND NOT rolbypassrls AND rolcreatedb = " + wanted.createDatabases()
                + " FROM pg_roles WHERE rolname = " + Quoting.literal(wanted.owner()));
        if (found.isEmpty()) {
            sql.run("CREATE ROLE " + role + attributes);
        } else if (!found.getFirst().getFirst().equals("t")) {
            sql.run("ALTER ROLE " + role + attributes);
        }
    }

    /** Neither the activity view nor the log nor pg_stat_statements shall show even the verifier. */
    private void ensurePassword(SqlSession sql, ApplicationAccess wanted) throws SQLException {
        String verifier = verifier(sql, wanted.owner());
        boolean known = new Proven(verifier, wanted.password()).equals(proven);
        if (known || ScramVerifier.matches(verifier, wanted.password())) {
            proven = new Proven(verifier, wanted.password());
            return;
        }
        sql.run("SET track_activities = off; SET log_min_error_statement = panic;"
                + " SET pg_stat_statements.track_utility = off");
        try {
            sql.driver().alterUserPassword(wanted.owner(), wanted.password().toCharArray(), "scram-sha-256");
        } finally {
            sql.run("SET track_activities = on; RESET log_min_error_statement");
        }
        proven = new Proven(verifier(sql, wanted.owner()), wanted.password());
    }

    private static String verifier(SqlSession sql, String role) throws SQLException {
        return sql.text("SELECT rolpassword FROM pg_authid WHERE rolname = " + Quoting.literal(role));
    }

    /** Encoding and locale are those of the template, which initdb was given. */
    private static void ensureDatabase(SqlSession sql, ApplicationAccess wanted) throws SQLException {
        String database = Quoting.identifier(wanted.database());
        String owner = Quoting.identifier(wanted.owner());
        String row = " FROM pg_database WHERE datname = " + Quoting.literal(wanted.database());
        if (sql.rows("SELECT 1" + row).isEmpty()) {
            sql.run("CREATE DATABASE " + database + " OWNER " + owner);
        }
        if (!sql.text("SELECT pg_get_userbyid(datdba)" + row).equals(wanted.owner())) {
            sql.run("ALTER DATABASE " + database + " OWNER TO " + owner);
        }
        // Only while nobody has granted anything: what users grant later is theirs. The database postgres keeps CONNECT
        // for
        // everybody, since clients that create their own databases begin there.
        if (sql.truth("SELECT datacl IS NULL" + row) && !wanted.database().equals(Connector.MAINTENANCE_DATABASE)) {
            sql.run("REVOKE ALL ON DATABASE " + database + " FROM PUBLIC");
        }
    }
}
