package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Probe;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the classes of tests against real servers share: one cluster, fresh for every test. */
abstract class SqlContract {
    static final Duration SECOND = Duration.ofSeconds(1);
    static final Supplier<Duration> CLOCK = () -> Duration.ofNanos(System.nanoTime());

    private final Machine machine;

    @SuppressWarnings("NullAway.Init")
    Servers servers;

    @SuppressWarnings("NullAway.Init")
    Commands commands;

    SqlContract(Machine machine) {
        this.machine = machine;
    }

    @BeforeEach
    void open() {
        servers = new Servers(machine);
        commands = new Commands(Servers.connector("one"), servers.replicationFiles());
    }

    @AfterEach
    void close() {
        commands.close();
        servers.close();
    }

    static void done(Outcome outcome) {
        assertThat(outcome).isEqualTo(Outcome.DONE);
    }

    static String failure(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        return ((Outcome.Failed) outcome).reason();
    }

    static String refusal(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused) outcome).reason();
    }

    /** A standby that lets {@link #client clients} in, and waits for them for ever before it replays what they would miss. */
    Server patientStandby(int number) {
        return servers.server(number)
                .configure("first", "max_standby_streaming_delay = -1\nmax_standby_archive_delay = -1")
                .allow("host all postgres all trust")
                .signal()
                .start();
    }

    /** Of a role that is not the operator's: sessions of that one are ended by whoever opens another to act. */
    static Connection client(Server server) throws SQLException {
        return client(server, "postgres");
    }

    static Connection client(Server server, String role) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres", role, "");
    }

    static Probe look(Server server) {
        try (Prober prober = new Prober(Servers.connector("one"), server.endpoint(), CLOCK, () -> {})) {
            return prober.probe(Grants.NONE, Duration.ofSeconds(10));
        }
    }

    static Probe.Standby standby(Server server) {
        Probe probe = look(server);
        assertThat(probe).isInstanceOf(Probe.Standby.class);
        return (Probe.Standby) probe;
    }

    static Probe.Primary primary(Server server) {
        Probe probe = look(server);
        assertThat(probe).isInstanceOf(Probe.Primary.class);
        return (Probe.Primary) probe;
    }
}
