package dev.primacy.e2e.harness;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * SQL from outside the cluster, one connection per call, as a client that has just been started would: it always meets what the Service
 * leads to now.
 *
 * @param authority PEM file of the CA that the server's certificate must come from; null for none (sslMode says)
 */
public record Sql(
        String host,
        int port,
        String database,
        String user,
        String password,
        String sslMode,
        @Nullable String authority) {

    public Sql as(String otherUser, String otherPassword) {
        return new Sql(host, port, database, otherUser, otherPassword, sslMode, authority);
    }

    public Sql in(String otherDatabase) {
        return new Sql(host, port, otherDatabase, user, password, sslMode, authority);
    }

    /** Without TLS. */
    public Sql inTheClear() {
        return new Sql(host, port, database, user, password, "disable", null);
    }

    public Sql trusting(@Nullable String otherAuthority) {
        return new Sql(host, port, database, user, password, "verify-ca", otherAuthority);
    }

    /** A new connection; the caller closes it. */
    public Connection open() throws SQLException {
        return open(15);
    }

    /** @param answerTimeout seconds after which a connection without an answer is given up */
    public Connection open(int answerTimeout) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("sslmode", sslMode);
        // Seconds. A packet to a Service that has just lost its pod may find nobody.
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("loginTimeout", "5");
        properties.setProperty("socketTimeout", Integer.toString(answerTimeout));
        properties.setProperty("ApplicationName", "e2e");
        // Never the keys of whoever runs the tests.
        properties.setProperty("sslcert", "");
        properties.setProperty("sslkey", "");
        if (authority != null) {
            properties.setProperty("sslrootcert", authority);
        }
        return DriverManager.getConnection("jdbc:postgresql://%s:%d/%s".formatted(host, port, database), properties);
    }

    /** Runs statements one after the other, each in a transaction of its own. */
    public void run(String... statements) throws SQLException {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    /** The first column of all rows, as text. */
    public List<String> column(String query) throws SQLException {
        try (Connection connection = open();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
            return values;
        }
    }

    /** As {@link #column}, asked again while nobody answers: kube-proxy may still lead to a member that is primary no more. */
    public List<String> columnOnceItAnswers(String query) {
        return Awaitility.await("an answer to: " + query)
                .atMost(Cluster.PATIENCE)
                .pollDelay(Duration.ZERO)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> column(query), Objects::nonNull);
    }

    /** The one value that the query gives. */
    public String value(String query) throws SQLException {
        List<String> values = column(query);
        if (values.size() != 1) {
            throw new AssertionError("%d rows instead of one: %s".formatted(values.size(), query));
        }
        return Objects.requireNonNull(values.getFirst());
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "%s@%s:%d/%s (%s)".formatted(user, host, port, database, sslMode);
    }
}
