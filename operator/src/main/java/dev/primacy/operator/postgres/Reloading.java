package dev.primacy.operator.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Loads the mounted configuration once the kubelet has projected the wanted version. Parameters with an error are not loaded at
 * all. Of access rules with an error PostgreSQL itself keeps the old ones, while parameters and certificates are loaded: a renewed
 * certificate must not wait for somebody to mend a rule. (At the next start such a file is fatal; the script then takes its last
 * good copy.)
 */
final class Reloading {
    private static final Duration PROJECTION = Duration.ofMillis(50);
    private static final Duration LOOK = Duration.ofMillis(3);

    private static final String PROJECTED_CONFIG =
            "(regexp_match(pg_read_file(current_setting('config_file')), 'primacy\\.config\\s*=\\s*''([^'']*)'''))[1]";
    /** The script's copies of the files with which postgres last started. */
    private static final String ON_LAST_GOOD = "current_setting('config_file') LIKE '%/last-good/postgresql.conf'";

    private static final String PROJECTED_CERTIFICATE =
            "encode(sha256(pg_read_binary_file(current_setting('ssl_cert_file'))"
                    + " || pg_read_binary_file(current_setting('ssl_ca_file'))), 'hex')";

    /**
     * Lets the backend note which changed parameters wait for a restart: no error, though the view calls it one. Hence to be run
     * just before {@link #ERRORS}.
     */
    static final String NOTE_PENDING = "SELECT count(*) FROM pg_file_settings";

    private static final String ACCESS_ERRORS = """
            SELECT 'pg_hba.conf line ' || line_number || ': ' || error
              FROM pg_hba_file_rules WHERE error IS NOT NULL
            UNION ALL
            SELECT 'pg_ident.conf line ' || line_number || ': ' || error
              FROM pg_ident_file_mappings WHERE error IS NOT NULL""";

    private static final String PARAMETER_ERRORS = """
            SELECT regexp_replace(COALESCE(f.sourcefile, 'postgresql.conf'), '.*/', '')
                     || COALESCE(' line ' || f.sourceline, '') || ': '
                     || CASE WHEN f.error = 'setting could not be applied'
                          THEN 'PostgreSQL does not accept the value ' || quote_literal(f.setting)
                                 || ' for the parameter ' || f.name
                          ELSE COALESCE(f.name || ': ', '') || f.error END
              FROM pg_file_settings f LEFT JOIN pg_settings s ON s.name = f.name
              WHERE f.error IS NOT NULL
                AND NOT (f.error = 'setting could not be applied' AND s.context = 'postmaster' AND s.pending_restart)""";

    /** What PostgreSQL finds wrong in the files as they are now, one sentence a row. */
    static final String ERRORS = ACCESS_ERRORS + "\nUNION ALL\n" + PARAMETER_ERRORS;

    private Reloading() {}

    static Outcome reload(SqlSession sql, String configHash, String certificateHash) throws SQLException {
        if (!sql.await("SELECT COALESCE(" + PROJECTED_CONFIG + ", '') = " + Quoting.literal(configHash), PROJECTION)) {
            return sql.truth("SELECT " + ON_LAST_GOOD)
                    ? new Outcome.Failed(
                            "PostgreSQL did not start with the configuration and runs with the one before; its log"
                                    + " says what it does not take")
                    : new Outcome.Failed("the new configuration has not reached the pod yet");
        }
        if (!certificateHash.isEmpty()
                && !sql.await(
                        "SELECT " + PROJECTED_CERTIFICATE + " = " + Quoting.literal(certificateHash), PROJECTION)) {
            return new Outcome.Failed("the new server certificate has not reached the pod yet");
        }
        sql.run(NOTE_PENDING);
        List<String> parameters = errors(sql, PARAMETER_ERRORS);
        List<String> access = errors(sql, ACCESS_ERRORS);
        if (!parameters.isEmpty()) {
            return new Outcome.Refused("PostgreSQL rejects the configuration, which is therefore not loaded: "
                    + String.join("; ", parameters) + (access.isEmpty() ? "" : "; " + String.join("; ", access)));
        }
        if (!access.isEmpty()) {
            if (isStale(sql, configHash)) {
                sql.run("SELECT pg_reload_conf()");
            }
            return new Outcome.Refused(
                    "PostgreSQL rejects access rules, which are therefore not loaded; those before stay in force: "
                            + String.join("; ", access));
        }
        // Loads of the same second as the last would not be told apart from it otherwise: the view has microseconds.
        String before = sql.text("SELECT pg_conf_load_time()");
        sql.run("SELECT pg_reload_conf()");
        boolean loaded = sql.await(
                "SELECT current_setting('primacy.config', true) = " + Quoting.literal(configHash)
                        + " AND pg_conf_load_time() <> " + Quoting.literal(before) + "::timestamptz",
                LOOK);
        return loaded ? Outcome.DONE : new Outcome.Failed("PostgreSQL did not load the new configuration in time");
    }

    /**
     * Whether a reload would bring anything: other parameters, or certificates that are newer than the last one. A session notes the time
     * of a load when it hears of it, which may be a second later; so what is new is loaded for some seconds.
     */
    private static boolean isStale(SqlSession sql, String configHash) throws SQLException {
        return sql.truth(
                "SELECT current_setting('primacy.config', true) IS DISTINCT FROM " + Quoting.literal(configHash)
                        + " OR (pg_stat_file(current_setting('ssl_cert_file'), true)).modification"
                        + " > LEAST(pg_conf_load_time(), clock_timestamp() - interval '5 seconds')");
    }

    private static List<String> errors(SqlSession sql, String query) throws SQLException {
        return sql.rows(query).stream().map(List::getFirst).distinct().toList();
    }
}
