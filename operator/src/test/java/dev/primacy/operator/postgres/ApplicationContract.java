package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The owner's role and database. */
abstract class ApplicationContract extends SqlContract {
    private static final String PASSWORD = "Correct0Horse";

    ApplicationContract(Machine machine) {
        super(machine);
    }

    @Test
    void theOwnerCanDoEverythingInItsDatabaseAndNothingElse() throws Exception {
        Server one = servers.primary(1);

        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));

        try (Connection owner = connect(one, "shop", PASSWORD);
                Statement statement = owner.createStatement()) {
            statement.execute("CREATE TABLE t (n int)");
            statement.execute("CREATE SCHEMA s");
            assertThatThrownBy(() -> statement.execute("CREATE ROLE r")).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> statement.execute("SELECT pg_read_file('/etc/passwd')"))
                    .isInstanceOf(SQLException.class);
        }
        try (Connection owner = connect(one, "postgres", PASSWORD);
                Statement statement = owner.createStatement()) {
            statement.execute("CREATE DATABASE plugin");
        }
    }

    @Test
    void othersHaveNoBusinessInTheDatabase() {
        Server one = servers.primary(1);
        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));

        assertThat(one.sql("SELECT has_database_privilege('public', 'shop', 'CONNECT')"))
                .isEqualTo("f");
        one.sql("GRANT CONNECT ON DATABASE shop TO PUBLIC");
        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));
        assertThat(one.sql("SELECT has_database_privilege('public', 'shop', 'CONNECT')"))
                .as("what the user grants stays granted")
                .isEqualTo("t");
    }

    @Test
    void aChangedPasswordIsTheOnlyOneThatWorksThen() throws Exception {
        Server one = servers.primary(1);
        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));

        done(commands.ensureApplication(one.mandate(1), app("Another1'Pass\\word", true)));

        connect(one, "shop", "Another1'Pass\\word").close();
        assertThatThrownBy(() -> connect(one, "shop", PASSWORD)).hasMessageContaining("password authentication failed");
    }

    @Test
    void aPasswordInForceIsNotWrittenAgain() {
        Server one = servers.primary(1);
        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));
        String before = one.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'app owner'");

        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));

        assertThat(one.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'app owner'"))
                .startsWith("SCRAM-SHA-256$")
                .isEqualTo(before);
    }

    @Test
    void neitherPasswordNorVerifierIsInTheLogOrTheActivity() {
        Server one = servers.primary(1);
        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));

        assertThat(one.log()).doesNotContain(PASSWORD).doesNotContain("SCRAM-SHA-256$");
        assertThat(one.sql("SELECT string_agg(query, ';') FROM pg_stat_activity"))
                .doesNotContain(PASSWORD)
                .doesNotContain("SCRAM-SHA-256$");
        assertThat(app(PASSWORD, true).toString()).doesNotContain(PASSWORD);
    }

    @Test
    void driftIsUndone() {
        Server one = servers.primary(1);
        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));
        one.sql("ALTER ROLE \"app owner\" NOLOGIN SUPERUSER");
        one.sql("ALTER DATABASE shop OWNER TO primacy");

        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, false)));

        assertThat(
                        one.sql(
                                "SELECT rolcanlogin AND NOT rolsuper AND NOT rolcreatedb FROM pg_roles WHERE rolname = 'app owner'"))
                .isEqualTo("t");
        assertThat(one.sql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'"))
                .isEqualTo("app owner");
    }

    @Test
    void whoHoldsALockOnTheRoleIsNotWaitedForLong() throws Exception {
        Server one = servers.primary(1);
        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));
        try (Connection owner = connect(one, "shop", PASSWORD);
                Statement statement = owner.createStatement()) {
            owner.setAutoCommit(false);
            statement.execute("ALTER ROLE \"app owner\" SET work_mem = '8MB'");
            statement.execute("ALTER ROLE \"app owner\" PASSWORD 'another'");
            Mandate patient = new Mandate(one.endpoint(), 1, Duration.ofSeconds(30));
            assertThat(commands.ensureApplication(patient, app(PASSWORD, false)))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.reason()).contains("lock timeout"));
        }
        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, false)));
    }

    @Test
    void theStandbysRoleComesBackWithWhatRewindingNeeds() {
        Server one = servers.primary(1);
        one.sql("DROP ROLE primacy_replica");

        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));

        assertThat(one.sql("SELECT rolreplication AND rolcanlogin AND has_function_privilege(oid,"
                        + " 'pg_read_binary_file(text, bigint, bigint, boolean)', 'EXECUTE')"
                        + " FROM pg_roles WHERE rolname = 'primacy_replica'"))
                .isEqualTo("t");
    }

    @Test
    void itDoesNotWaitForSynchronousStandbys() {
        Server one = servers.primary(1);
        done(commands.setSynchronous(one.mandate(1), "ANY 1 (\"orders-2\")"));

        done(commands.ensureApplication(one.mandate(1), app(PASSWORD, true)));
    }

    @Test
    void aStandbyRefusesWithItsReason() {
        Server one = servers.standby(1);

        assertThat(failure(commands.ensureApplication(one.mandate(1), app(PASSWORD, true))))
                .contains("standby");
    }

    private static ApplicationAccess app(String password, boolean createDatabases) {
        return new ApplicationAccess("app owner", password, "shop", createDatabases);
    }

    private static Connection connect(Server server, String database, String password) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + database + "?sslmode=require",
                "app owner",
                password);
    }
}
