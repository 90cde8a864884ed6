package dev.primacy.operator.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.SystemId;
import dev.primacy.operator.postgres.Endpoint;
import dev.primacy.operator.postgres.Machine;
import dev.primacy.operator.postgres.Server;
import dev.primacy.operator.postgres.Servers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("containers")
class ClusterMonitorTest {
    private static final Machine MACHINE = Machine.Container.of(17);

    @AfterAll
    static void remove() {
        MACHINE.close();
    }

    private static Duration now() {
        return Duration.ofNanos(System.nanoTime());
    }

    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicReference<Supplier<@Nullable Duration>> confirmedAt =
            new AtomicReference<>(ClusterMonitorTest::now);
    private final ClusterMonitor monitor = new ClusterMonitor(
            Servers.connector("monitor"),
            ClusterMonitorTest::now,
            new Leadership() {
                @Override
                public @Nullable Duration confirmedAt() {
                    return confirmedAt.get().get();
                }

                @Override
                public boolean isStillHeld() {
                    throw new AssertionError("a grant does not wait for the API server");
                }
            },
            changes::incrementAndGet);

    private final Servers servers = new Servers(MACHINE);

    @AfterEach
    void close() {
        monitor.close();
        servers.close();
    }

    @Test
    void membersAreSeenAndTheirRoles() {
        Server one = servers.primary(1);
        Server two = servers.standby(2);

        monitor.update(watch(null, one, two));

        await().untilAsserted(() -> {
            assertThat(probe("orders-1")).isInstanceOf(Probe.Primary.class);
            assertThat(probe("orders-2")).isInstanceOf(Probe.Standby.class);
        });
        assertThat(seen("orders-1").lastAnswered()).isNotNull();
        assertThat(seen("orders-1").lastGrant()).isNull();
    }

    @Test
    void onlyTheGrantedMemberGetsGrantsAndNobodyAfterTheyAreWithdrawn() {
        Server one = servers.primary(1);
        Server two = servers.standby(2);
        monitor.update(watch("orders-1", one, two));
        await().until(() -> seen("orders-1").lastGrant() != null);
        await().until(() -> granted(one).startsWith("/* grant 3 "));

        monitor.update(watch(null, one, two));
        Duration last = seen("orders-1").lastGrant();

        await().until(() -> granted(one).startsWith("/* probe */"));
        assertThat(seen("orders-1").lastGrant()).isEqualTo(last);
        assertThat(seen("orders-2").lastGrant()).isNull();
    }

    @Test
    void whoDoesNotLeadDoesNotGrant() {
        Server one = servers.primary(1);
        confirmedAt.set(() -> null);
        monitor.update(watch("orders-1", one));

        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(20))
                .until(() -> monitor.observation().isEmpty() || seen("orders-1").lastGrant() == null);
    }

    @Test
    void aLeadershipThatIsNotConfirmedAnyMoreGrantsNothingNew() {
        Server one = servers.primary(1);
        monitor.update(watch("orders-1", one));
        await().until(() -> seen("orders-1").lastGrant() != null);
        Duration confirmed = now();
        confirmedAt.set(() -> confirmed);

        await().pollDelay(Duration.ofSeconds(2)).until(() -> true);

        assertThat(seen("orders-1").lastGrant()).isLessThan(confirmed);
    }

    @Test
    void theEndOfThePrimaryIsToldBeforeTheNextSecond() {
        Server one = servers.primary(1);
        monitor.update(watch(null, one));
        await().until(() -> probe("orders-1") instanceof Probe.Primary);
        await().until(() -> one.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'primacy:monitor'")
                .equals("2"));
        int before = changes.get();

        one.kill();

        await().atMost(Duration.ofMillis(500)).until(() -> changes.get() > before);
        await().until(() -> probe("orders-1") instanceof Probe.Unreachable);
        one.start();
        await().until(() -> probe("orders-1") instanceof Probe.Primary);
    }

    @Test
    void aMemberThatHangsHoldsUpNobody() {
        Server one = servers.primary(1);
        Server two = servers.standby(2);
        monitor.update(watch(null, one, two));
        await().until(() -> monitor.observation().size() == 2
                && probe("orders-1") instanceof Probe.Answered
                && probe("orders-2") instanceof Probe.Answered);
        // The postmaster too: it would serve the next session by a new backend.
        servers.machine().shell("p=$(head -1 " + one.data() + "/postmaster.pid); kill -STOP $p $(pgrep -P $p)");
        try {
            await().until(() -> probe("orders-1") instanceof Probe.Unreachable);
            Duration now = now();
            await().atMost(Duration.ofSeconds(3))
                    .until(() -> seen("orders-2").begun().compareTo(now) > 0);
        } finally {
            servers.machine().shell("p=$(head -1 " + one.data() + "/postmaster.pid); kill -CONT $p $(pgrep -P $p)");
        }
        await().until(() -> probe("orders-1") instanceof Probe.Primary);
    }

    @Test
    void aLookThatIsAskedForIsNewerThanTheAsking() {
        Server one = servers.primary(1);
        monitor.update(watch(null, one));
        await().until(() -> probe("orders-1") instanceof Probe.Primary);

        for (int i = 0; i < 5; i++) {
            Duration asked = now();
            monitor.probeNow(Duration.ofSeconds(10));
            assertThat(seen("orders-1").begun()).isGreaterThanOrEqualTo(asked);
        }
    }

    @Test
    void anotherAddressKeepsWhatWasKnown() {
        Server one = servers.primary(1);
        monitor.update(watch(null, one));
        await().until(() -> probe("orders-1") instanceof Probe.Primary);
        Duration answered = seen("orders-1").lastAnswered();

        monitor.update(new Watch(List.of(new Endpoint("orders-1", "127.0.0.1", 1, null)), 3, null, false));

        await().until(() -> probe("orders-1") instanceof Probe.Unreachable);
        assertThat(seen("orders-1").lastAnswered()).isGreaterThanOrEqualTo(answered);
        assertThat(seen("orders-1").lastPosition()).isNotNull();
    }

    @Test
    void aSystemIdentifierThatBecomesKnownNeedsNoNewSession() {
        Server one = servers.primary(1);
        monitor.update(watch(null, one));
        await().until(() -> probe("orders-1") instanceof Probe.Primary);
        String session = session(one);
        Endpoint endpoint = one.endpoint();
        SystemId systemId = ((Probe.Primary) probe("orders-1")).identity().systemId();

        monitor.update(new Watch(
                List.of(new Endpoint("orders-1", endpoint.host(), endpoint.port(), systemId)), 3, null, false));
        Duration asked = now();
        monitor.probeNow(Duration.ofSeconds(10));
        assertThat(seen("orders-1").begun()).isGreaterThanOrEqualTo(asked);
        assertThat(session(one)).isEqualTo(session);

        monitor.update(new Watch(
                List.of(new Endpoint("orders-1", endpoint.host(), endpoint.port(), new SystemId("42"))),
                3,
                null,
                false));
        await().until(() -> probe("orders-1") instanceof Probe.Unreachable);
    }

    @Test
    void anotherCertificateIsTakenUpWithoutAGapInTheGrants() {
        Server one = servers.primary(1);
        monitor.update(watch("orders-1", one));
        await().until(() -> granted(one).startsWith("/* grant 3 "));
        await().until(() -> sessions(one, "monitor") == 2);
        // Not confirmed again: a new session can grant only what was heard by the one before.
        Duration confirmed = now();
        confirmedAt.set(() -> confirmed);

        monitor.update(Servers.connector("renewed"), watch("orders-1", one));

        await().until(() -> sessions(one, "monitor") == 0);
        await().until(() -> sessions(one, "renewed") == 2);
        assertThat(granted(one, "renewed")).startsWith("/* grant 3 ");
        assertThat(probe("orders-1")).isInstanceOf(Probe.Primary.class);
    }

    @Test
    void grantsGoOnWhileTheServerRefusesTheOtherCertificate() {
        Server one = servers.primary(1);
        monitor.update(watch("orders-1", one));
        await().until(() -> granted(one).startsWith("/* grant 3 "));

        monitor.update(Servers.stranger("renewed"), watch("orders-1", one));
        Duration changed = now();
        await().pollDelay(Duration.ofSeconds(3)).until(() -> true);

        assertThat(probe("orders-1")).isInstanceOf(Probe.Primary.class);
        assertThat(seen("orders-1").lastGrant()).isGreaterThan(changed.plusSeconds(1));
        monitor.update(Servers.connector("repaired"), watch("orders-1", one));
        await().until(() -> sessions(one, "monitor") == 0 && sessions(one, "repaired") == 2);
    }

    @Test
    void idleMembersAreNoNews() {
        Server one = servers.primary(1);
        monitor.update(watch(null, one));
        await().until(() -> probe("orders-1") instanceof Probe.Primary);
        one.sql("CREATE TABLE IF NOT EXISTS public.t (n int)");
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
        int before = changes.get();

        one.sql("INSERT INTO public.t VALUES (1)");
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true);

        assertThat(changes.get()).isEqualTo(before);
    }

    private static Watch watch(@Nullable String granted, Server... members) {
        return new Watch(Arrays.stream(members).map(Server::endpoint).toList(), 3, granted, false);
    }

    private Seen seen(String member) {
        await().until(() -> monitor.observation().containsKey(member));
        return Objects.requireNonNull(monitor.observation().get(member));
    }

    private Probe probe(String member) {
        return seen(member).probe();
    }

    private static String session(Server server) {
        return server.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'primacy:monitor'"
                + " AND query LIKE '/*%' ORDER BY query_start DESC LIMIT 1");
    }

    private static String granted(Server server) {
        return granted(server, "monitor");
    }

    private static String granted(Server server, String identity) {
        return server.sql("SELECT query FROM pg_stat_activity WHERE application_name = 'primacy:" + identity
                + "' AND query LIKE '/*%' ORDER BY query_start DESC LIMIT 1");
    }

    private static int sessions(Server server, String identity) {
        return Integer.parseInt(server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'primacy:" + identity + "'"));
    }
}
