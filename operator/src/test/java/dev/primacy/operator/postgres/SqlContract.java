package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Probe;
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
