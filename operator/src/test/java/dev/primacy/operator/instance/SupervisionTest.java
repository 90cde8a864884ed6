package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the script does with a postgres that runs, ends, hangs, or does not start. */
@OnEveryVersion
class SupervisionTest {

    private static final Map<String, String> LEAVE_TO_INITDB = Map.of("PRIMACY_INITDB", "true");

    private final Lab lab;

    SupervisionTest(int version) {
        lab = new Lab(version);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void aKilledPrimaryIsBackAsAStandbyAtOnceAndItsSessionsEnd() throws Exception {
        Member primary = lab.primary();
        try (Writer writer = new Writer(primary)) {
            primary.tryExec("kill -KILL " + primary.postmaster());

            primary.awaitLog("postgres ended by itself (crash 1)").awaitStandby();

            await().atMost(Duration.ofSeconds(2)).until(() -> !writer.writes());
        }
    }

    /** Root, say, who came from the node to look: the script would wait for its end, and nobody for the script's. */
    @Test
    void whomItMayNotKillEndsWithTheContainer() {
        Member primary = lab.primary();
        Docker.run("exec", "-d", "-u", "0", primary.container(), "sleep", "1000");
        primary.tryExec("kill -KILL " + primary.postmaster());
        assertThat(primary.awaitExit(Duration.ofSeconds(40))).isEqualTo(6);
    }

    @Test
    void aBackendThatIsKilledEndsPostgresWhichStartsAgainAsAStandby() {
        Member primary = lab.primary();

        primary.tryExec("kill -KILL $(pgrep -f 'postgres: .*checkpointer')");

        primary.awaitLog("postgres ended by itself").awaitStandby();
    }

    @Test
    void aCrashLoopIsSlowedDownButNeverEndsTheContainer() {
        Member member = lab.initialised();
        member.exec("mv /var/lib/primacy/pgdata/pg_wal /var/lib/primacy/pgdata/away");
        member.tryExec("kill -KILL " + member.postmaster());

        member.awaitLog("(crash 7)");

        assertThat(member.between("(crash 5)", "(crash 7)")).isGreaterThan(Duration.ofSeconds(4));
        assertThat(member.live()).as("liveness while it cannot start").isTrue();
        member.exec("mv /var/lib/primacy/pgdata/away /var/lib/primacy/pgdata/pg_wal");
        member.awaitRunning();
    }

    @Test
    void childrenThatNobodyAwaitsAreReaped() {
        Member member = lab.primary();
        member.sql("COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; for i in $(seq 50); do setsid sleep 0.2 & done'");

        await().atMost(Duration.ofSeconds(5))
                .until(() -> member.exec("ps -eo stat,comm")
                        .lines()
                        .noneMatch(line -> line.startsWith("Z") || line.contains("sleep")));
    }

    @Test
    void sigtermStopsCleanlyAndFast() throws Exception {
        Member primary = lab.primary();
        try (Writer writer = new Writer(primary)) {
            assertThat(writer.writes()).isTrue();
            primary.signal("TERM");

            assertThat(primary.awaitExit(Duration.ofSeconds(4))).isZero();
        }
        assertThat(primary.log()).contains("database system is shut down").endsWith("primacy: stopped");
    }

    @Test
    void sigtermIsBoundedThoughAStandbyHangs() {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);
        // Neither acknowledges the shutdown checkpoint nor times out.
        primary.tryExec("kill -STOP $(pgrep -f 'walsender primacy_replica')");
        Docker.run("pause", standby.container());
        long start = System.nanoTime();

        primary.signal("TERM");

        assertThat(primary.awaitExit(Duration.ofSeconds(12))).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(7));
        assertThat(primary.log()).contains("not stopped within 8 s: immediate shutdown");
        Docker.run("unpause", standby.container());
    }

    @Test
    void sigtermEndsAWaitingClone() {
        Member member = lab.member(2, Map.of()).start().awaitLog("waiting for orders-1");

        member.signal("TERM");

        assertThat(member.awaitExit(Duration.ofSeconds(8))).isZero();
    }

    @Test
    void aPrimarysStopIsBoundedByItsLeave() throws Exception {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);
        try (Operator operator = new Operator(primary)) {
            operator.grantNow(0);
            primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1,orders-2,orders-3,orders-4'");
            Thread.sleep(3000);
            primary.tryExec("kill -STOP $(pgrep -f 'walsender primacy_replica')");
            Docker.run("pause", standby.container());
            long start = System.nanoTime();

            primary.signal("TERM");

            assertThat(primary.awaitExit(Duration.ofSeconds(12))).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(7));
        }
        Docker.run("unpause", standby.container());
    }

    @Test
    void aParameterThatKeepsPostgresFromStartingIsReplacedByTheLastGoodFilesUntilMended() {
        Member member = lab.initialised();
        member.awaitPhase("running");
        member.mount("config/postgresql.conf", Lab.POSTGRESQL_CONF.replace("'16MB'", "'16 apples'"));

        member.tryExec("kill -USR1 1");

        member.awaitLog("using the files with which it last did").awaitStandby();
        assertThat(member.sql("SHOW config_file")).isEqualTo("/var/lib/primacy/last-good/postgresql.conf");
        assertThat(member.sql("SHOW shared_buffers")).isEqualTo("16MB");

        member.mount("config/postgresql.conf", Lab.POSTGRESQL_CONF.replace("'16MB'", "'24MB'"));

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(member.trySql("SHOW shared_buffers").output())
                                .isEqualTo("24MB"));
        assertThat(member.sql("SHOW config_file")).isEqualTo("/etc/primacy/config/postgresql.conf");
    }

    @Test
    void whoIsAloneTriesMendedFilesByItself() {
        Member member = lab.member(1, Map.of("PRIMACY_INITDB", "true", "PRIMACY_SOLO", "true"))
                .start()
                .awaitRunning();
        member.awaitPhase("running");
        member.mount("config/postgresql.conf", Lab.POSTGRESQL_CONF.replace("'16MB'", "'16 apples'"));
        member.tryExec("kill -USR1 1");
        member.awaitLog("using the files with which it last did").awaitRunning();
        assertThat(member.inRecovery()).isFalse();

        member.mount("config/postgresql.conf", Lab.POSTGRESQL_CONF.replace("'16MB'", "'24MB'"));

        await().untilAsserted(() ->
                assertThat(member.trySql("SHOW shared_buffers").output()).isEqualTo("24MB"));
        assertThat(member.inRecovery()).isFalse();
    }

    @Test
    void aBadHbaFileIsReplacedByTheLastGoodOne() {
        Member member = lab.initialised();
        member.awaitPhase("running");
        member.mount("config/pg_hba.conf", "nonsense\n");
        member.sql("SELECT pg_reload_conf()");
        assertThat(member.answers()).as("a bad pg_hba.conf survives a reload").isTrue();

        member.tryExec("kill -KILL " + member.postmaster());

        member.awaitLog("using the files with which it last did").awaitStandby();
    }

    @Test
    void aMissingConfigMapIsReplacedByTheLastGoodFiles() {
        Member member = lab.initialised();
        member.awaitPhase("running");
        member.unmount("config/postgresql.conf");

        member.tryExec("kill -USR1 1");

        member.awaitLog("using the files with which it last did").awaitStandby();
    }

    @Test
    void aConfigMapThatIsMissingAtTheFirstStartIsWaitedFor() {
        Member member = lab.member(1, LEAVE_TO_INITDB);
        member.unmount("config/postgresql.conf");
        member.start().awaitLog("waiting for /etc/primacy/config/postgresql.conf");

        member.mount("config/postgresql.conf", Lab.POSTGRESQL_CONF);

        member.awaitStandby();
    }

    @Test
    void aStaleConfigMapWithLowerSettingsThanTheStandbyReplaysStillStarts() {
        Member primary = lab.primary();
        primary.mount(
                "config/postgresql.conf",
                Lab.POSTGRESQL_CONF
                        + "max_connections = 150\nmax_worker_processes = 12\nmax_prepared_transactions = 5\nmax_locks_per_transaction = 100\n");
        primary.tryExec("kill -USR1 1");
        primary.awaitStandby();
        primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1'", "SELECT pg_promote()");
        primary.mount("config/postgresql.conf", Lab.POSTGRESQL_CONF);

        primary.tryExec("kill -USR1 1");

        primary.awaitStandby();
        assertThat(settings(primary)).isEqualTo("150 12 5 100");

        // Rule 9b: asked for on a cleanly stopped primary, they are lowered.
        primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1'", "SELECT pg_promote()");
        await().until(() -> !primary.inRecovery());
        primary.tryExec("kill -USR2 1");
        primary.awaitLog("lowering the settings").awaitStandby();
        assertThat(settings(primary)).isEqualTo("100 8 0 64");
    }

    @Test
    void livenessFailsOnlyWhenARunningPostmasterGivesNoAnswer() throws SQLException {
        Member member = lab.member(1, LEAVE_TO_INITDB)
                .mount("config/postgresql.conf", Lab.POSTGRESQL_CONF + "max_connections = 12\n")
                .start()
                .awaitRunning();
        assertThat(member.sql("SHOW max_connections"))
                .as("lower than initdb's own")
                .isEqualTo("12");
        member.awaitPhase("running");
        assertThat(member.live()).isTrue();

        int postmaster = member.postmaster();
        member.tryExec("kill -STOP " + postmaster);
        assertThat(member.live()).as("a stopped postmaster").isFalse();
        member.tryExec("kill -CONT " + postmaster);
        assertThat(member.live()).isTrue();

        List<Connection> taken = member.takeAllConnections();
        assertThat(taken).as("connections").isNotEmpty();
        assertThat(member.live()).as("all connections taken").isTrue();
        for (Connection one : taken) {
            one.close();
        }
    }

    @Test
    void aFullDiskIsSurvivedAsAStandbyThatStreamsFromNobody() {
        String small = lab.volumeOfSize("160m");
        Member primary = lab.member(1, LEAVE_TO_INITDB, small).start().awaitRunning();
        primary.sql(
                "ALTER SYSTEM SET primacy.promotable = 'orders-1'",
                "ALTER SYSTEM SET primary_conninfo = 'host=orders-9'",
                "ALTER SYSTEM SET primacy.epoch = '3'",
                "SELECT pg_promote()");
        primary.sql("CREATE TABLE t (n int)", "INSERT INTO t VALUES (1)");
        primary.exec("dd if=/dev/zero of=/var/lib/primacy/ballast bs=64k 2>/dev/null; true");
        primary.trySql("SELECT pg_switch_wal()");
        primary.trySql("INSERT INTO t SELECT generate_series(1, 1000000)");
        primary.trySql("SELECT pg_switch_wal()");
        primary.tryExec("kill -KILL " + "$(head -1 /var/lib/primacy/pgdata/postmaster.pid); true");

        primary.awaitLog("postgres ended by itself");
        await().atMost(Duration.ofSeconds(10))
                .until(() -> primary.tryExec("test -e /var/lib/primacy/pgdata/standby.signal")
                                .status()
                        == 0);
        String auto = primary.exec("cat /var/lib/primacy/pgdata/postgresql.auto.conf");
        assertThat(auto).contains("#rimary_conninfo", "#rimacy.promotable", "primacy.epoch = '3'");
        primary.exec("rm /var/lib/primacy/ballast");

        primary.awaitStandby();
        assertThat(primary.sql("SHOW primary_conninfo")).isEmpty();
        assertThat(primary.sql("SELECT count(*) FROM t WHERE n = 1")).isEqualTo("1");
    }

    @Test
    void instructionsAreObeyedOnceAndNeverThoseOfAnOlderEpoch() {
        Member member = lab.initialised();
        member.sql("ALTER SYSTEM SET primacy.epoch = '5'");
        int first = member.postmaster();

        member.instruct("a 4 restart - too old");
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(12)).until(() -> member.postmaster() == first);
        member.instruct("b 5 restart - why not");
        member.awaitLog("instructed: b restart");
        member.awaitStandby();
        int second = member.postmaster();
        assertThat(second).isNotEqualTo(first);
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(12)).until(() -> member.postmaster() == second);

        // A new incarnation has obeyed it, too.
        member.stop();
        member.startAgain();
        member.awaitRunning();
        assertThat(member.log().split("instructed: b", -1)).hasSize(2);

        member.instruct("c 6 promote");
        member.awaitLog("fence:");
        assertThat(member.between("instructed: c promote", "fence:"))
                .as("the order to promote is a leave")
                .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(8));
    }

    /** An order that no container came to carry out would else be lost: the operator gives each but once. */
    @Test
    void aCloneThatWasNotEndedIsStillOwedInTheNextContainer() {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);
        standby.instruct("d-1 1 clone orders-9 broken");
        standby.awaitLog("waiting for orders-9");

        standby.stop();
        standby.startAgain();
        standby.awaitLog("instructed: d-1 clone", 2);
        standby.instruct("d-2 1 clone orders-1 broken");
        standby.awaitLog("cloned from orders-1", 2).awaitStandby();

        standby.stop();
        standby.startAgain();
        standby.awaitStandby();
        assertThat(standby.log().split("instructed: d-2 clone", -1)).hasSize(2);
    }

    @Test
    void anInstructedCloneReplacesTheData() {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);
        standby.exec("touch /var/lib/primacy/pgdata/damage");
        primary.sql("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 50000)");

        standby.instruct("c-1 1 clone orders-1 broken");

        await("the primary shows whose copy it is")
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !primary.sql(
                                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'clone:orders-2'")
                        .equals("0"));
        standby.awaitLog("cloned from orders-1", 2).awaitStandby();
        assertThat(standby.has("pgdata/damage")).isFalse();
        standby.follow(primary);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rewind", "clone"})
    void aCopyThatHasNotBegunGivesWayToANewerInstruction(String copy) {
        Member member = lab.primary();
        member.instruct("r-1 1 " + copy + " nowhere");
        member.awaitLog("waiting for nowhere");
        assertThat(member.answers()).isFalse();

        member.instruct("r-2 1 restart");

        member.awaitStandby();
        assertThat(member.has("unfinished")).isFalse();
    }

    @Test
    void aCopyThatHasBegunIsStillOwedWhateverIsInstructedMeanwhile() {
        Member member = lab.primary();
        member.exec("echo 'rewind nowhere' >/var/lib/primacy/unfinished");
        member.instruct("r-1 1 restart");
        member.awaitLog("waiting for nowhere");

        member.instruct("r-2 1 restart");

        member.awaitLog("instructed: r-2 restart");
        assertThat(member.has("unfinished")).isTrue();
        assertThat(member.has("pgdata/PG_VERSION")).as("there is no source yet").isTrue();
        assertThat(member.answers()).isFalse();
    }

    private static String settings(Member member) {
        return member.sql(
                "SELECT concat_ws(' ', current_setting('max_connections'), current_setting('max_worker_processes'),"
                        + " current_setting('max_prepared_transactions'), current_setting('max_locks_per_transaction'))");
    }
}
