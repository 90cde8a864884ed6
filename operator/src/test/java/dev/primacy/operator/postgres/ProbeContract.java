package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.SystemId;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a look shows. */
abstract class ProbeContract extends SqlContract {
    /** A deadline that holds on a busy machine too, where it is not what is tested. */
    private static final Duration PATIENT = Duration.ofSeconds(10);

    ProbeContract(Machine machine) {
        super(machine);
    }

    @Test
    void aPrimaryShowsItselfItsFollowersAndItsSlots() {
        Server one = servers.primary(1);
        Server two = servers.standby(2);
        done(commands.setPromotable(one.mandate(4), List.of("orders-1", "orders-2")));
        done(commands.createSlot(one.mandate(4), "orders_2"));
        done(commands.follow(two.mandate(4), "localhost", one.port(), "orders_2"));
        await().until(() -> primary(one).followers().stream().anyMatch(Probe.Follower::streaming));

        Probe.Primary seen = primary(one);
        assertThat(seen.identity().member()).isEqualTo("orders-1");
        assertThat(seen.identity().container())
                .as("of one that an older script started")
                .isNull();
        assertThat(seen.epoch()).isEqualTo(4);
        assertThat(seen.position().timeline()).isEqualTo(1);
        assertThat(seen.position().lsn()).isGreaterThan(Lsn.ZERO);
        assertThat(seen.history()).isNotNull();
        assertThat(seen.promotable()).containsExactly("orders-1", "orders-2");
        assertThat(seen.configuration().configLoaded()).isEqualTo("first");
        assertThat(seen.solo()).isFalse();
        assertThat(seen.writeFailure()).isNull();
        assertThat(seen.slots()).singleElement().satisfies(slot -> {
            assertThat(slot.name()).isEqualTo("orders_2");
            assertThat(slot.active()).isTrue();
            assertThat(slot.walStatus()).isEqualTo("reserved");
            assertThat(slot.keptFrom())
                    .isNotNull()
                    .isBetween(new Lsn(1), seen.position().lsn());
        });
        assertThat(seen.followers()).singleElement().satisfies(follower -> {
            assertThat(follower.member()).isEqualTo("orders-2");
            assertThat(follower.syncState()).isEqualTo("async");
        });

        Probe.Standby following = standby(two);
        assertThat(following.identity().systemId()).isEqualTo(seen.identity().systemId());
        assertThat(following.configuration().primarySlotName()).isEqualTo("orders_2");
        assertThat(following.configuration().primaryConninfo()).contains("localhost");
        assertThat(following.receiver()).isNotNull().satisfies(receiver -> {
            assertThat(receiver.streaming()).isTrue();
            assertThat(receiver.host()).isEqualTo("localhost");
            assertThat(receiver.sinceMessage()).isLessThan(Duration.ofSeconds(5));
        });
    }

    /** What the script fetches under a name of kind and member; its copy must not pass for a standby that streams. */
    @Test
    void whatIsClonedOrRewoundFromAPrimaryIsSeen() {
        Server one = servers.primary(1);
        String access = servers.replica(one);
        servers.machine()
                .shell("cd /tmp; for member in 2 3; do rm -rf copy-$member; done;"
                        + " setsid " + servers.machine().binaries() + "/pg_basebackup -d \"" + access
                        + " application_name=clone:orders-2\" -D copy-2 -X stream --checkpoint=fast --max-rate=128k >/dev/null 2>&1 &"
                        + " setsid " + servers.machine().binaries() + "/psql \"" + access
                        + " application_name=rewind:orders-3 replication=true\" -c '\\! sleep 20' >/dev/null 2>&1 &");

        await().untilAsserted(() -> {
            Probe.Primary seen = primary(one);
            assertThat(seen.copies())
                    .extracting(Probe.Copy::member, Probe.Copy::kind)
                    .containsExactly(tuple("orders-2", "clone"), tuple("orders-3", "rewind"));
            assertThat(seen.copies().getFirst().streamedBytes()).isPositive();
            assertThat(seen.copies().getFirst().totalBytes())
                    .isGreaterThan(seen.copies().getFirst().streamedBytes());
            assertThat(seen.copiesTo("orders-2") && seen.copiesTo("orders-3")).isTrue();
            assertThat(seen.streamsTo("orders-2")).isFalse();
        });
        servers.machine().shell("pkill -f '[c]lone:orders-2'; pkill -f '[r]ewind:orders-3'; true");
    }

    @Test
    void aStandbyWithoutReceiverIsWhereItsReplayIs() {
        Server one = servers.standby(1);

        Probe.Standby seen = standby(one);

        assertThat(seen.receiver()).isNull();
        assertThat(seen.position().timeline()).isEqualTo(1);
        assertThat(seen.position().lsn()).isEqualTo(seen.replayed());
        assertThat(seen.replayed()).isGreaterThan(Lsn.ZERO);
    }

    @Test
    void aGrantCarriesTheMembersOwnTimeOfTheAnswerBefore() {
        Server one = servers.primary(1);
        try (Prober prober = new Prober(Servers.connector("one"), one.endpoint(), CLOCK, () -> {})) {
            Grants grants = received -> OptionalLong.of(7);

            prober.probe(grants, PATIENT);
            assertThat(grantShown(one))
                    .as("nothing was heard in this session before")
                    .startsWith("/* probe */");
            prober.probe(grants, PATIENT);
            assertThat(grantShown(one)).matches("(?s)/\\* grant 7 \\d+\\.\\d\\d \\*/ .*");
            prober.probe(Grants.NONE, PATIENT);
            assertThat(grantShown(one)).startsWith("/* probe */");
        }
    }

    @Test
    void aGrantIsNotGivenForWhatWasHeardAfterTheLeadershipWasChecked() {
        Server one = servers.primary(1);
        try (Prober prober = new Prober(Servers.connector("one"), one.endpoint(), CLOCK, () -> {})) {
            prober.probe(Grants.NONE, PATIENT);
            String heardFirst = uptimeShown(prober, one);
            Duration checked = CLOCK.get();
            prober.probe(Grants.NONE, PATIENT);

            prober.probe(
                    received -> received.compareTo(checked) < 0 ? OptionalLong.of(7) : OptionalLong.empty(), PATIENT);

            double granted = Double.parseDouble(grantShown(one).split(" ")[3]);
            assertThat(granted).isLessThanOrEqualTo(Double.parseDouble(heardFirst));
        }
    }

    /** The member's time now, which is later than anything that was heard before. */
    private static String uptimeShown(Prober prober, Server server) {
        assertThat(prober).isNotNull();
        return server.sql("SELECT split_part(pg_read_file('/proc/uptime'), ' ', 1)");
    }

    private static String grantShown(Server server) {
        return server.sql("SELECT query FROM pg_stat_activity WHERE application_name = 'primacy:one'"
                + " AND query LIKE '/*%' ORDER BY query_start DESC LIMIT 1");
    }

    @Test
    void whatStartsOrStopsIsStarting() {
        Server one = servers.standby(1);
        // Not consistent yet: the WAL that it would need never comes.
        one.stop();
        one.configure("first", "hot_standby = off").start();

        assertThat(look(one)).isInstanceOf(Probe.Starting.class);
    }

    @Test
    void nothingThereIsUnreachableAndSaysWhy() {
        Server one = servers.server(1);

        assertThat(look(one))
                .isEqualTo(new Probe.Unreachable("the connection was refused: nothing listens there", true));
    }

    @Test
    void anotherMemberAtTheAddressIsNotTheMember() {
        Server one = servers.primary(1);
        Endpoint wrong = new Endpoint("orders-2", "127.0.0.1", one.port(), null);
        try (Prober prober = new Prober(Servers.connector("one"), wrong, CLOCK, () -> {})) {
            assertThat(prober.probe(Grants.NONE, PATIENT))
                    .isInstanceOfSatisfying(
                            Probe.Unreachable.class,
                            probe -> assertThat(probe.reason()).contains("'orders-1'", "not orders-2"));
        }
    }

    @Test
    void anotherDatabasesDataIsNotTheMember() {
        Server one = servers.primary(1);
        Endpoint wrong = new Endpoint("orders-1", "127.0.0.1", one.port(), new SystemId("42"));
        try (Prober prober = new Prober(Servers.connector("one"), wrong, CLOCK, () -> {})) {
            assertThat(prober.probe(Grants.NONE, PATIENT))
                    .isInstanceOfSatisfying(
                            Probe.Unreachable.class,
                            probe -> assertThat(probe.reason()).contains("system identifier", "42"));
        }
    }

    @Test
    void allConnectionsTakenIsUnreachableWithThatReason() throws Exception {
        Server one = servers.server(1)
                .configure(
                        "first",
                        "max_connections = 4\nsuperuser_reserved_connections = 3\nmax_wal_senders = 1\nautovacuum = off")
                .start();
        try (var a = Servers.connector("a").open(one.endpoint(), "postgres", SECOND);
                var b = Servers.connector("b").open(one.endpoint(), "postgres", SECOND);
                var c = Servers.connector("c").open(one.endpoint(), "postgres", SECOND);
                var d = Servers.connector("d").open(one.endpoint(), "postgres", SECOND)) {
            assertThat(List.of(a, b, c, d)).doesNotContainNull();
            assertThat(look(one))
                    .isInstanceOfSatisfying(
                            Probe.Unreachable.class,
                            probe -> assertThat(probe.reason()).contains("all connections are taken"));
        }
    }

    @Test
    void aHungServerIsUnreachableWithinTheDeadline() {
        Server one = servers.primary(1);
        try (Prober prober = new Prober(Servers.connector("one"), one.endpoint(), CLOCK, () -> {})) {
            assertThat(prober.probe(Grants.NONE, PATIENT)).isInstanceOf(Probe.Primary.class);
            servers.machine().shell("kill -STOP $(pgrep -P $(head -1 " + one.data() + "/postmaster.pid))");
            try {
                Duration begun = CLOCK.get();
                assertThat(prober.probe(Grants.NONE, Duration.ofMillis(400)))
                        .isEqualTo(new Probe.Unreachable("no answer in time"));
                assertThat(CLOCK.get().minus(begun)).isLessThan(Duration.ofMillis(600));
            } finally {
                servers.machine().shell("kill -CONT $(pgrep -P $(head -1 " + one.data() + "/postmaster.pid))");
            }
            await().until(() -> prober.probe(Grants.NONE, PATIENT) instanceof Probe.Primary);
        }
    }

    @Test
    void theEndOfAPrimaryIsNoticedWithoutALook() throws Exception {
        Server one = servers.primary(1);
        CountDownLatch broken = new CountDownLatch(1);
        try (Prober prober = new Prober(Servers.connector("one"), one.endpoint(), CLOCK, broken::countDown)) {
            prober.probe(Grants.NONE, PATIENT);
            await().until(() -> one.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'primacy:one'")
                    .equals("2"));

            one.kill();

            assertThat(broken.await(500, TimeUnit.MILLISECONDS)).isTrue();
        }
    }

    @Test
    void aPrimaryThatCannotWriteSaysSo() {
        Server one = servers.server(1)
                .configure("first", "synchronous_standby_names = '*'")
                .start();
        try (Prober prober = new Prober(Servers.connector("one"), one.endpoint(), CLOCK, () -> {})) {
            assertThat(prober.probe(Grants.NONE, PATIENT)).isInstanceOf(Probe.Primary.class);
            await().during(Duration.ofMillis(500))
                    .until(() -> prober.probe(Grants.NONE, PATIENT) instanceof Probe.Primary seen
                            && seen.writeFailure()
                                    == null); // no standby acknowledges, and the write does not wait for one
        }
    }

    /** Log fits into segments that are there already; a table that grows does not. */
    @Test
    void toWriteAsksForRoomOnTheVolume() {
        Server one = servers.primary(1);
        try (Prober prober = new Prober(Servers.connector("one"), one.endpoint(), CLOCK, () -> {})) {
            prober.probe(Grants.NONE, PATIENT);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Long.parseLong(
                                    one.sql("SELECT temp_bytes FROM pg_stat_database WHERE datname = 'postgres'"))
                            >= 256 * 1024);
            assertThat(prober.probe(Grants.NONE, PATIENT))
                    .isInstanceOfSatisfying(
                            Probe.Primary.class,
                            seen -> assertThat(seen.writeFailure()).isNull());
        }
    }

    @Test
    void aRoleThatIsAlteredShowsInTheFingerprint() {
        Server one = servers.primary(1);
        try (Prober prober = new Prober(Servers.connector("one"), one.endpoint(), CLOCK, () -> {})) {
            one.sql("CREATE ROLE app LOGIN");
            String before = await().until(() -> roles(prober), it -> !it.isEmpty());
            await().during(Duration.ofSeconds(1)).until(() -> roles(prober).equals(before));

            one.sql("ALTER ROLE app NOLOGIN");

            await().atMost(Duration.ofSeconds(15)).until(() -> !roles(prober).equals(before));
        }
    }

    private static String roles(Prober prober) {
        return prober.probe(Grants.NONE, PATIENT) instanceof Probe.Primary seen ? seen.roles() : "";
    }

    @Test
    void parametersThatWaitForARestartAndLimitsAboveTheFilesAreNamed() {
        Server one =
                servers.server(1).configure("first", "max_connections = 20").start("-c max_connections=30");
        one.configure("second", "max_connections = 20\nshared_buffers = '20MB'");
        done(commands.reload(one.mandate(1), "second", ""));

        Probe.Configuration seen = primary(one).configuration();

        assertThat(seen.pendingRestart()).containsExactly("shared_buffers");
        assertThat(seen.lowered()).containsExactly("max_connections");
    }

    @Test
    void aLimitThatTheNewFilesLowerIsNamedBeforeAnyRestart() {
        Server one =
                servers.server(1).configure("first", "max_connections = 30").start();
        one.configure("second", "max_connections = 20");
        done(commands.reload(one.mandate(1), "second", ""));

        Probe.Configuration seen = primary(one).configuration();

        assertThat(seen.lowered()).containsExactly("max_connections");
        assertThat(seen.pendingRestart()).isEmpty();
    }

    @Test
    void theLoadedCertificateIsTheOneReadAtTheLastReload() {
        Server one = servers.primary(1);
        Authority.Issued second =
                Servers.AUTHORITY.server("orders", List.of("localhost"), java.time.Instant.now(), Duration.ofDays(2));
        String hash = CertificateHash.of(second.certificate(), Servers.AUTHORITY.certificate());
        await().untilAsserted(() -> {
            one.sql("SELECT pg_reload_conf()");
            assertThat(primary(one).configuration().certificateLoaded())
                    .isNotEmpty()
                    .isNotEqualTo(hash);
        });

        servers.write("server", second);
        assertThat(primary(one).configuration().certificateLoaded()).isEmpty();
        await().untilAsserted(() -> {
            done(commands.reload(one.mandate(1), "first", hash));
            assertThat(primary(one).configuration().certificateLoaded()).isEqualTo(hash);
        });
    }
}
