package dev.primacy.operator.postgres;

import dev.primacy.operator.model.SystemId;
import java.lang.ref.Reference;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * Opens sessions as the role {@code primacy} on the members of one cluster.
 *
 * <p>Every session writes with {@code synchronous_commit=local}: the operator must be able to act, and to weaken the
 * synchronous set, while no synchronous standby is there to acknowledge. Whatever the user sets for everybody – time limits,
 * logging of statements, a search path, what a backslash means – does not hold for the operator's sessions.
 *
 * @param identity of this operator process; rule 1 tells operators apart by it
 */
public record Connector(String identity, Tls tls) {
    static final String ROLE = "primacy";
    static final String MAINTENANCE_DATABASE = "postgres";
    private static final Driver DRIVER = new Driver();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final String OPTIONS = "-c search_path=pg_catalog -c synchronous_commit=local"
            + " -c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0"
            + " -c idle_in_transaction_session_timeout=0 -c log_statement=none -c log_duration=off"
            + " -c log_min_duration_statement=-1 -c log_min_duration_sample=-1 -c log_transaction_sample_rate=0"
            + " -c jit=off -c default_transaction_read_only=off -c default_transaction_isolation=read\\ committed"
            + " -c default_transaction_deferrable=off -c track_activities=on -c client_min_messages=warning"
            + " -c standard_conforming_strings=on";

    String applicationName() {
        return "primacy:" + identity;
    }

    /**
     * A session on the endpoint, with the server's identity checked.
     *
     * @throws SQLException if it cannot be opened within the time, or somebody else answers there
     */
    SqlSession open(Endpoint endpoint, String database, Duration within) throws SQLException {
        SqlSession session = new SqlSession(connect(endpoint, database), within);
        try {
            check(session, endpoint);
            return session;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private Connection connect(Endpoint endpoint, String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", ROLE);
        properties.setProperty("ApplicationName", applicationName());
        properties.setProperty("options", OPTIONS);
        // The certificate is checked against the cluster's authority alone: a pod's address is in no certificate.
        properties.setProperty("sslmode", "verify-ca");
        properties.setProperty("sslfactory", ClusterSocketFactory.class.getName());
        properties.setProperty("sslfactoryarg", tls.id());
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("connectTimeout", Long.toString(CONNECT_TIMEOUT.toSeconds()));
        properties.setProperty("socketTimeout", "3");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("tcpNoDelay", "true");
        // One message a statement, so that the text of a grant is what pg_stat_activity shows.
        properties.setProperty("preferQueryMode", "simple");
        // The texts differ from second to second: nothing to be found again.
        properties.setProperty("preparedStatementCacheQueries", "0");
        // Spares the round trips that ask for it.
        properties.setProperty("assumeMinServerVersion", "15");
        String url = "jdbc:postgresql://" + bracketed(endpoint.host()) + ":" + endpoint.port() + "/" + database;
        try {
            Connection connection = DRIVER.connect(url, properties);
            if (connection == null) {
                throw new SQLException("not an address: " + endpoint.host());
            }
            return connection;
        } finally {
            // The driver knows but its number, under which the context is kept as long as the Tls can be reached.
            Reference.reachabilityFence(tls);
        }
    }

    private static String bracketed(String host) {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    private static void check(SqlSession session, Endpoint endpoint) throws SQLException {
        var row = session.row("SELECT current_setting('cluster_name'), system_identifier::text,"
                + " current_setting('server_version_num'), current_setting('primacy.container', true)"
                + " FROM pg_control_system()");
        String name = row.get(0);
        SystemId found = new SystemId(row.get(1));
        if (!name.equals(endpoint.member())) {
            throw new WrongServerException("at " + endpoint.host() + " answers the server '" + name + "', not "
                    + endpoint.member() + "; the address may have been given to another pod");
        }
        SystemId wanted = endpoint.systemId();
        if (wanted != null && !wanted.equals(found)) {
            throw new WrongServerException("its data has the system identifier " + found + ", the cluster's is "
                    + wanted + ": it is another database's data directory");
        }
        String container = row.get(3);
        session.identify(found, Integer.parseInt(row.get(2)), container.isEmpty() ? null : container);
    }

    /** Somebody answered, but not the member. */
    static final class WrongServerException extends SQLException {
        WrongServerException(String message) {
            super(message);
        }
    }
}
