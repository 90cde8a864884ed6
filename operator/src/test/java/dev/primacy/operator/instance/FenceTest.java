package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The branches of the fence loop, in its order, and how long a member stays writable at most. */
@OnEveryVersion
class FenceTest {

    private static final Duration TTL = Duration.ofSeconds(6);

    /** Loop period, query, SIGQUIT before SIGKILL: a second each; the rest is for a busy machine. */
    private static final Duration OVERRUN = Duration.ofMillis(3_500);

    private final Lab lab;

    FenceTest(int version) {
        lab = new Lab(version);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void aGrantedPrimaryStaysWritableAndIsFencedWhenGrantsEnd() throws Exception {
        Member primary = lab.primary();
        try (Operator operator = new Operator(primary);
                Writer writer = new Writer(primary)) {
            operator.grantNow(0);
            await("three peers, none of which is there")
                    .untilAsserted(
                            () -> primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2,orders-3'"));
            long granted = 0;
            for (long end = System.nanoTime() + TTL.multipliedBy(3).dividedBy(2).toNanos(); System.nanoTime() < end; ) {
                granted = System.nanoTime();
                operator.grantNow(0);
                Thread.sleep(500);
            }
            assertThat(writer.writes())
                    .as("still writable after %s of grants", TTL.multipliedBy(3).dividedBy(2))
                    .isTrue();

            primary.awaitLog("fence:").awaitStandby();

            assertPastGrant("grants end", writer, granted);
            assertThat(primary.phase()).isIn("starting", "running");
        }
    }

    /** The container runtime hangs, say, with whom it would be no use to talk before the kill. */
    @Test
    void aPrimaryIsFencedThoughNobodyReadsItsLog() throws Exception {
        Member primary = lab.initialised(Map.of("BASH_ENV", "/etc/primacy/pod/unread"));
        primary.promote();
        try (Operator operator = new Operator(primary);
                Writer writer = new Writer(primary)) {
            operator.grantNow(0);
            primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2,orders-3'");
            Thread.sleep(1500);
            primary.tryExec("timeout 2 head -c 1000000 /dev/zero >/run/primacy/unread");
            long granted = System.nanoTime();
            operator.grantNow(0);
            primary.instruct("9-unheard 0 nonsense");

            await().atMost(TTL.plus(OVERRUN).plusSeconds(3)).until(() -> !writer.writes());

            assertPastGrant("nobody reads the log", writer, granted);
        }
    }

    @Test
    void aPrimaryWhosePromotableSetIsItselfIsNeverFenced() throws Exception {
        Member primary = lab.primary();
        try (Writer writer = new Writer(primary)) {
            await().during(TTL.plusSeconds(3)).atMost(TTL.plusSeconds(5)).until(writer::writes);
        }
        assertThat(primary.log()).doesNotContain("fence:");
    }

    @Test
    void aPromotionAloneIsAShortLeave() {
        Member member = lab.initialised();
        long promoted = System.nanoTime();
        member.sql("SELECT pg_promote()");

        member.awaitLog("fence:").awaitStandby();

        assertThat(Duration.ofNanos(System.nanoTime() - promoted))
                .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(8));
    }

    @Test
    void grantsFromTheFutureOfALowerEpochOrOfAnotherRoleAreVoid() throws Exception {
        Member primary = lab.primary();
        primary.sql("ALTER SYSTEM SET primacy.epoch = '5'", "SELECT pg_reload_conf()");
        try (Operator future = new Operator(primary);
                Operator stale = new Operator(primary)) {
            future.grant(5, future.clock().add(BigDecimal.valueOf(1000)));
            stale.grantNow(4);
            primary.exec("""
                    grant="/* grant 5 $(cut -d ' ' -f 1 /proc/uptime) */ SELECT pg_sleep(30)"
                    (psql -h /run/primacy/socket -U postgres -c "$grant" >/dev/null 2>&1 &)
                    """);
            primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2'");

            primary.awaitLog("fence:").awaitStandby();

            // None was remembered: so it is as old as the machine.
            assertThat(primary.log()).containsPattern("the last grant is \\d{3,} s old");
        }
    }

    @Test
    void aGrantIsFoundInTheFirstHundredBytesOfAQueryWhateverABackslashMeans() throws Exception {
        Member primary = lab.primary();
        primary.mount(
                "config/postgresql.conf",
                Lab.POSTGRESQL_CONF + "track_activity_query_size = 100\nstandard_conforming_strings = off\n");
        primary.tryExec("kill -USR1 1");
        primary.awaitStandby();
        primary.sql("ALTER SYSTEM SET primacy.epoch = '123456789'", "SELECT pg_reload_conf()");
        try (Operator operator = new Operator(primary)) {
            operator.grantNow(123456789);
            primary.sql("SELECT pg_promote()");
            for (long end = System.nanoTime() + TTL.plusSeconds(2).toNanos(); System.nanoTime() < end; ) {
                operator.query(
                        "/* grant 123456789 %s */ SELECT %s".formatted(operator.clock(), "1 + ".repeat(100) + "1"));
                Thread.sleep(500);
            }
            assertThat(primary.inRecovery()).isFalse();
        }
    }

    /** A promotion is a leave of half the TTL and a second. Whoever gave up a connection within it would never see a grant. */
    @Test
    void aGrantIsSeenThoughTheFirstConnectionTakesMoreThanHalfOfTheTime() throws Exception {
        Duration ttl = Duration.ofSeconds(12);
        Member primary = lab.initialised(Map.of("PRIMACY_TTL_SECONDS", String.valueOf(ttl.toSeconds())));
        primary.mount("config/postgresql.conf", Lab.POSTGRESQL_CONF + "pre_auth_delay = 4\n");
        primary.tryExec("kill -USR1 1");
        await().until(() -> primary.trySql("SHOW pre_auth_delay").output().equals("4s"));
        try (Operator operator = new Operator(primary)) {
            primary.sql("SELECT pg_promote()");
            for (long end = System.nanoTime() + ttl.plusSeconds(2).toNanos(); System.nanoTime() < end; ) {
                operator.grantNow(0);
                Thread.sleep(500);
            }
            assertThat(primary.inRecovery()).isFalse();
        }
    }

    @Test
    void aPrimaryWithoutGrantsStaysWhileEnoughPromotablePeersStream() throws Exception {
        Member primary = lab.primary();
        Member second = lab.standbyOf(primary, 2);
        Member third = lab.standbyOf(primary, 3);
        primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2,orders-3'");
        try (Writer writer = new Writer(primary)) {
            await("the operator is dead")
                    .during(TTL.plusSeconds(3))
                    .atMost(TTL.plusSeconds(6))
                    .until(writer::writes);
            third.sql("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
            await("one of two peers is enough")
                    .during(Duration.ofSeconds(7))
                    .atMost(Duration.ofSeconds(9))
                    .until(writer::writes);

            long voted = System.nanoTime();
            second.sql("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
            primary.awaitLog("fence:").awaitStandby();

            assertThat(Duration.ofNanos(writer.lastCommit() - voted))
                    .as("writable after the vote")
                    .isLessThan(OVERRUN);
            measured("votes of all peers", Duration.ofNanos(writer.lastCommit() - voted));
        }
    }

    @Test
    void onePeerOfThreeIsNotEnough() throws Exception {
        Member primary = lab.primary();
        lab.standbyOf(primary, 2);
        primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2,orders-3,orders-4'");

        primary.awaitLog("fence:").awaitStandby();
    }

    @Test
    void aPeerThatIsNotInTheSetDoesNotCount() throws Exception {
        Member primary = lab.primary();
        lab.standbyOf(primary, 2);
        primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-3'");

        primary.awaitLog("fence:").awaitStandby();
    }

    @Test
    void aPeerThatStandsStillDoesNotCountThoughItsConnectionLives() throws Exception {
        Member primary = lab.primary();
        Member peer = lab.standbyOf(primary, 2);
        primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2'");
        try (Writer writer = new Writer(primary)) {
            await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(5)).until(writer::writes);
            long stopped = System.nanoTime();
            // The walsender too stands still, so that nobody notices the silence of its standby.
            primary.tryExec("kill -STOP $(pgrep -f 'walsender primacy_replica')");
            Docker.run("pause", peer.container());

            primary.awaitLog("fence:").awaitStandby();

            Duration overrun = Duration.ofNanos(writer.lastCommit() - stopped);
            assertThat(overrun)
                    .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(5).plus(OVERRUN));
            measured("the only peer stands still (wal_sender_timeout 5 s)", overrun);
            Docker.run("unpause", peer.container());
        }
    }

    /** As on a busy node while there is no operator. */
    @Test
    void aPeersWordCountsWhilePostgresIsSlowToAnswerAndNoLonger() throws Exception {
        Member primary = lab.primary();
        lab.standbyOf(primary, 2);
        primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2'");
        try (Writer writer = new Writer(primary)) {
            await("past every grant")
                    .during(TTL.plusSeconds(2))
                    .atMost(TTL.plusSeconds(5))
                    .until(writer::writes);
            primary.tryExec("kill -STOP "
                    + primary.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'primacy-fence'"));
            await("one question has no answer")
                    .during(Duration.ofSeconds(6))
                    .atMost(Duration.ofSeconds(9))
                    .until(writer::writes);

            long stopped = System.nanoTime();
            primary.tryExec("kill -STOP " + primary.postmaster() + "; pkill -KILL -x psql; true");
            primary.awaitLog("fence:").awaitStandby();

            Duration overrun = Duration.ofNanos(writer.lastCommit() - stopped);
            assertThat(overrun)
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5).plus(OVERRUN));
            measured("postmaster stopped, a peer streams on (wal_sender_timeout 5 s)", overrun);
        }
    }

    @Test
    void aRememberedGrantCountsWhilePostgresDoesNotAnswerAndNoLonger() throws Exception {
        Member primary = lab.primary();
        try (Operator operator = new Operator(primary);
                Writer writer = new Writer(primary)) {
            operator.grantNow(0);
            primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2'");
            Thread.sleep(1500);
            long granted = System.nanoTime();
            operator.grantNow(0);
            Thread.sleep(1500);
            // New connections hang, the script's own is gone: only memory is left.
            primary.tryExec(
                    "kill -STOP " + primary.postmaster() + "; pkill -KILL -f primacy-fence; pkill -KILL -x psql; true");

            await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(4)).until(writer::writes);
            primary.awaitLog("fence:").awaitStandby();

            assertPastGrant("postmaster stopped, sessions go on", writer, granted);
        }
    }

    @Test
    void whatIgnoresSigquitIsKilledAfterASecond() throws Exception {
        Member primary = lab.primary();
        primary.sql(
                "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; setsid bash -c ''trap : QUIT INT TERM HUP; while :; do echo alive; sleep 0.1; done'' >/tmp/alive 2>&1 &'");
        primary.exec("""
                psql -h /run/primacy/socket -U postgres -c "CREATE TABLE IF NOT EXISTS looped (n bigserial)" >/dev/null
                (psql -h /run/primacy/socket -U postgres -c "DO \\$\\$ BEGIN LOOP INSERT INTO looped DEFAULT VALUES; COMMIT; END LOOP; END \\$\\$" >/dev/null 2>&1 &)
                """);
        long start = System.nanoTime();
        primary.tryExec("kill -STOP " + primary.postmaster());
        // Not by SQL, which answers no more: as ALTER SYSTEM would have written it.
        primary.exec(
                "echo \"primacy.promotable = 'orders-1,orders-2'\" >>/var/lib/primacy/pgdata/postgresql.auto.conf");

        primary.awaitLog("fence:").awaitStandby();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(12));
        assertThat(primary.tryExec("pgrep -f 'echo alive'").output()).isEmpty();
        long rows = Long.parseLong(primary.sql("SELECT count(*) FROM looped"));
        await().during(Duration.ofSeconds(1))
                .untilAsserted(() ->
                        assertThat(primary.sql("SELECT count(*) FROM looped")).isEqualTo(Long.toString(rows)));
    }

    @Test
    void theLoopSurvivesTheLossOfItsOwnSession() throws Exception {
        Member primary = lab.primary();
        try (Operator operator = new Operator(primary)) {
            operator.grantNow(0);
            primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2'");
            for (int i = 0; i < 20; i++) {
                operator.grantNow(0);
                primary.trySql(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'primacy-fence'");
                Thread.sleep(500);
            }
            assertThat(primary.inRecovery()).isFalse();
            assertThat(primary.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'primacy-fence'"))
                    .isIn("0", "1");
        }
    }

    private void assertPastGrant(String what, Writer writer, long granted) throws Exception {
        Duration past = Duration.ofNanos(writer.lastCommit() - granted).minus(TTL);
        measured(what, past);
        assertThat(past).as("writable past the grant").isLessThan(OVERRUN);
    }

    /** For the report: surefire keeps the assertion, this keeps the number. */
    private void measured(String what, Duration duration) throws Exception {
        Path file = Files.createDirectories(Path.of("target")).resolve("instance-measured.txt");
        Files.writeString(
                file,
                "PostgreSQL %d, %s: %d ms%n".formatted(lab.version(), what, duration.toMillis()),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
