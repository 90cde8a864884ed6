package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rows of the start table, in its order. */
@OnEveryVersion
class StartTableTest {

    private static final Map<String, String> LEAVE_TO_INITDB = Map.of("PRIMACY_INITDB", "true");
    private static final String DIGEST = "find . -type f ! -name lock | sort | xargs sha256sum | sha256sum";

    private final Lab lab;

    StartTableTest(int version) {
        lab = new Lab(version);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void anotherClustersDataIsRefusedAndNotTouched() {
        Member first = lab.initialised();
        first.stop();
        String before = first.onVolume(DIGEST);

        Member second = lab.member(2, Map.of("PRIMACY_SYSTEM_ID", "7000000000000000001"), first.dataVolume())
                .start();

        assertThat(second.awaitExit(Duration.ofSeconds(10))).isEqualTo(3);
        assertThat(second.log()).contains("refused: the volume holds system identifier", "7000000000000000001");
        assertThat(first.onVolume(DIGEST)).isEqualTo(before);
    }

    @Test
    void anUnfinishedCloneIsWipedOnlyWhenTheSourceIsOfThisCluster() {
        Member stranger = lab.primary();
        stranger.sql("SELECT pg_create_physical_replication_slot('orders_2')");
        Member member = lab.member(2, LEAVE_TO_INITDB).start().awaitRunning();
        String id = member.sql("SELECT system_identifier FROM pg_control_system()");
        member.stop();
        member.onVolume("echo 'clone orders-1' >unfinished");

        Member again = lab.member(2, Map.of("PRIMACY_SYSTEM_ID", id), member.dataVolume())
                .start();

        again.awaitLog("nothing is wiped");
        assertThat(again.has("pgdata/PG_VERSION")).isTrue();
        assertThat(again.phase()).isEqualTo("clone");
        assertThat(again.live()).as("liveness during a clone").isTrue();
    }

    @Test
    void anUnfinishedCloneIsDoneAnewOnceTheSourceAndItsSlotAreThere() {
        Member primary = lab.primary();
        String id = primary.sql("SELECT system_identifier FROM pg_control_system()");
        Member member = lab.member(2, Map.of("PRIMACY_SYSTEM_ID", id));
        member.onVolume(
                "mkdir pgdata; echo x >pgdata/half; chown -R 999 pgdata; echo 'rewind orders-1' >unfinished; chown 999 unfinished");
        member.start().awaitLog("waiting for replication slot orders_2 on orders-1");
        assertThat(member.has("pgdata/half")).isTrue();

        primary.sql("SELECT pg_create_physical_replication_slot('orders_2')");

        member.awaitStandby();
        assertThat(member.has("pgdata/half")).isFalse();
        assertThat(member.has("unfinished")).isFalse();
    }

    /** pg_rewind empties what it replaces and fills it later: only the marker tells what it leaves from a data directory. */
    @Test
    void aMemberThatIsKilledAmidItsRewindIsNotStartedButCloned() {
        Member old = lab.primary();
        Member next = lab.standbyOf(old, 2);
        old.sql("CREATE TABLE t (n int)");
        promoteInPlaceOf(old, next);
        next.sql("INSERT INTO t VALUES (2)");
        old.sql("INSERT INTO t VALUES (666)");
        old.tryExec("kill -USR1 1");
        old.awaitStandby();
        // The last file that pg_rewind would empty; it waits for somebody who reads from the pipe in its place.
        next.onVolume("echo 1 >pgdata/zz; chown 999 pgdata/zz");
        old.onVolume("mkfifo pgdata/zz; chown 999 pgdata/zz");
        old.instruct("i-1 5 rewind orders-2 diverged");
        await().until(() -> old.onVolume("stat -c %s pgdata/global/pg_filenode.map pgdata/pg_xact/0000")
                .equals("0\n0"));
        old.signal("KILL");
        old.awaitExit(Lab.PATIENCE);
        next.sql("SELECT pg_drop_replication_slot('orders_1')");
        String before = old.onVolume(DIGEST);

        old.startAgain();

        old.awaitLog("waiting for replication slot orders_1 on orders-2");
        assertThat(old.phase()).isEqualTo("clone");
        assertThat(old.onVolume(DIGEST)).as("nothing was touched").isEqualTo(before);
        next.sql("SELECT pg_create_physical_replication_slot('orders_1')");
        old.awaitLog("cloned from orders-2").awaitStandby().follow(next);
        assertThat(old.sql("SELECT string_agg(n::text, ',') FROM t")).isEqualTo("2");
        assertThat(old.has("unfinished")).isFalse();
    }

    @Test
    void anEmptyVolumeWithTheLeaveIsInitialisedAsAStandby() {
        Member member = lab.member(
                        1,
                        Map.of("PRIMACY_INITDB", "true", "PRIMACY_INITDB_OPTIONS", "--encoding=UTF8\n--wal-segsize=32"))
                .start()
                .awaitRunning();

        assertThat(member.inRecovery()).isTrue();
        assertThat(member.sql("SHOW data_checksums")).isEqualTo("on");
        assertThat(member.sql("SHOW wal_segment_size")).isEqualTo("32MB");
        assertThat(member.sql("SHOW cluster_name")).isEqualTo("orders-1");
        assertThat(member.sql(
                        "SELECT string_agg(rolname || rolsuper || rolreplication || rolcanlogin, ' ' ORDER BY rolname)"
                                + " FROM pg_roles WHERE rolname LIKE 'primacy%'"))
                .isEqualTo("primacytruefalsetrue primacy_replicafalsetruetrue");
        assertThat(member.exec("stat -c %a /var/lib/primacy/pgdata")).endsWith("700"); // setgid may stand before it
        member.awaitPhase("running");
        assertThat(member.live()).isTrue();
    }

    @Test
    void theOnlyMemberOfAClusterStartsWritableAndStaysSo() {
        Member member = lab.member(1, Map.of("PRIMACY_INITDB", "true", "PRIMACY_SOLO", "true"))
                .start()
                .awaitRunning();
        assertThat(member.inRecovery()).isFalse();

        member.tryExec("kill -KILL " + member.postmaster());
        member.awaitLog("postgres ended by itself").awaitRunning();

        assertThat(member.inRecovery()).isFalse();
    }

    /** The environment of a pod outlives its container: it still has the leave when somebody has emptied the directory. */
    @Test
    void theLeaveToInitialiseIsUsedUpInThePodThatHadIt() {
        Member member = lab.member(1, LEAVE_TO_INITDB).start().awaitRunning();
        member.stop();
        member.onVolume("rm -rf pgdata");

        member.startAgain().awaitLog("waiting for orders-1");

        assertThat(member.phase()).isEqualTo("clone");
        assertThat(member.has("pgdata")).isFalse();
    }

    /** A node that reboots empties what is in memory – the data directory, too, where it is there – and starts the same pod again. */
    @Test
    void whoHasHadARoleHasNoLeaveToInitialise() {
        Member member =
                lab.member(1, LEAVE_TO_INITDB).mount("pod/role", "primary").start();

        member.awaitLog("waiting for orders-1");

        assertThat(member.phase()).isEqualTo("clone");
        assertThat(member.has("pgdata")).isFalse();
    }

    @Test
    void theOnlyMemberWithoutDataSaysSo() {
        Member member = lab.member(1, Map.of("PRIMACY_INITDB", "true", "PRIMACY_SOLO", "true"))
                .start()
                .awaitRunning();
        member.stop();
        member.onVolume("mv pgdata taken-away");

        member.startAgain();
        assertThat(member.awaitExit(Duration.ofSeconds(10))).isEqualTo(3);
        assertThat(member.log()).contains("refused: orders-1 has no data", "no other member has a copy");

        Member inTheNextPod = lab.member(
                        1,
                        Map.of("PRIMACY_SYSTEM_ID", "7000000000000000001", "PRIMACY_SOLO", "true"),
                        member.dataVolume())
                .start();
        assertThat(inTheNextPod.awaitExit(Duration.ofSeconds(10))).isEqualTo(3);
        assertThat(member.has("pgdata")).as("something was made in its place").isFalse();
    }

    /** As bash sees it that is given a function of that name. */
    @Test
    void aVolumeThatCannotBeLockedIsRefused() {
        Member member = lab.member(1, Map.of("PRIMACY_INITDB", "true", "BASH_FUNC_flock%%", "() { return 1; }"))
                .start();
        assertThat(member.awaitExit(Duration.ofSeconds(10))).isEqualTo(3);
        assertThat(member.log()).contains("cannot be locked");
        assertThat(member.has("pgdata")).isFalse();
    }

    @Test
    void whoCannotBeMadeAStandbyIsNotStarted() {
        Member primary = lab.primary();
        primary.stop();
        primary.onVolume("chmod 0500 pgdata");

        primary.startAgain();
        assertThat(primary.awaitExit(Duration.ofSeconds(10))).isEqualTo(3);
        assertThat(primary.log()).contains("standby.signal cannot be made");
    }

    @Test
    void theLeaveToInitialiseEndsWithTheRecordedSystemIdentifier() {
        Member member = lab.member(2, Map.of("PRIMACY_INITDB", "true", "PRIMACY_SYSTEM_ID", "7000000000000000001"))
                .start();

        member.awaitLog("waiting for orders-1");

        assertThat(member.phase()).isEqualTo("clone");
        assertThat(member.has("pgdata")).isFalse();
    }

    @Test
    void anEmptyVolumeIsClonedAndTakesNoIdentityOfItsSourceButTheEpoch() {
        Member primary = lab.primary();
        primary.sql(
                "ALTER SYSTEM SET primacy.epoch = '7'",
                "ALTER SYSTEM SET synchronous_standby_names = ''",
                "CREATE TABLE t AS SELECT 42 AS n",
                "SELECT pg_create_physical_replication_slot('orders_2')");

        Member standby = lab.member(2, Map.of()).start().awaitRunning();

        assertThat(standby.inRecovery()).isTrue();
        assertThat(standby.sql("SELECT n FROM t")).isEqualTo("42");
        assertThat(standby.exec("grep -v '^#' /var/lib/primacy/pgdata/postgresql.auto.conf")
                        .lines())
                .as("its own, and by itself")
                .satisfiesExactly(
                        epoch -> assertThat(epoch).isEqualTo("primacy.epoch = '7'"),
                        conninfo -> assertThat(conninfo).startsWith("primary_conninfo = 'host=orders-1 "),
                        slot -> assertThat(slot).isEqualTo("primary_slot_name = 'orders_2'"));
        primary.sql("INSERT INTO t VALUES (43)");
        await().untilAsserted(
                        () -> assertThat(standby.sql("SELECT max(n) FROM t")).isEqualTo("43"));
    }

    /** As any workload with savepoints has them. Who followed nobody would never read of their end. */
    @Test
    void aCopyOfAPrimaryWithManySubtransactionsLetsInOnceTheyHaveEnded() throws SQLException {
        Member primary = lab.primary();
        primary.sql("CREATE TABLE t (n int)", "SELECT pg_create_physical_replication_slot('orders_2')");
        Member standby = lab.member(2, Map.of());
        try (Connection client = primary.withManySubtransactions("t")) {
            standby.start().awaitStreamingFrom(primary);
            await().during(Duration.ofSeconds(3)).until(() -> !standby.answers());
            assertThat(standby.phase()).isEqualTo("starting");
            client.commit();
        }

        primary.sql("CHECKPOINT");

        assertThat(standby.awaitRunning().sql("SELECT count(*) FROM t")).isEqualTo("100");
    }

    @Test
    void aFormerPrimaryThatDivergedIsRewound() {
        Member old = lab.primary();
        Member next = lab.standbyOf(old, 2);
        old.sql(
                "CREATE TABLE t (n int)",
                "INSERT INTO t VALUES (1)",
                "ALTER SYSTEM SET primacy.epoch = '4'",
                "SELECT pg_reload_conf()");
        promoteInPlaceOf(old, next);
        next.sql("INSERT INTO t VALUES (2)");
        old.sql("INSERT INTO t VALUES (666)");

        old.tryExec("kill -KILL " + old.postmaster());
        old.awaitLog("postgres ended by itself").awaitStandby();
        old.instruct("i-1 5 rewind orders-2 diverged");

        old.awaitLog("rewinding to orders-2").awaitStandby().awaitStreamingFrom(next);
        await().untilAsserted(() -> assertThat(old.sql("SELECT string_agg(n::text, ',' ORDER BY n) FROM t"))
                .isEqualTo("1,2"));
        assertThat(old.has("unfinished")).isFalse();
        assertThat(old.log()).doesNotContain("cloning");
        assertThat(old.sql("SHOW primacy.epoch")).isEqualTo("5");
    }

    /** pg_rewind brings the source's log as it was; up to what was written during the rewind, nobody can connect. */
    @Test
    void aRewindIsFinishedFromTheLogThatTheSourceWroteMeanwhile() throws Exception {
        Member old = lab.primary();
        Member next = lab.standbyOf(old, 2);
        old.sql("CREATE TABLE t (n int)");
        promoteInPlaceOf(old, next);
        old.sql("INSERT INTO t VALUES (666)");
        old.tryExec("kill -USR1 1");
        old.awaitStandby();
        try (Writer writer = new Writer(next)) {
            old.instruct("i-1 5 rewind orders-2 diverged");

            old.awaitLog("rewinding to orders-2").awaitStandby().awaitStreamingFrom(next);
            assertThat(writer.writes()).isTrue();
        }
        assertThat(old.log()).doesNotContain("cloning");
        assertThat(old.sql("SHOW primary_slot_name")).isEqualTo("orders_1");
    }

    @Test
    void aStandbyThatWasPromotedByHandIsRewoundAndNothingOfItsTimelineStays() {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);
        primary.sql("CREATE TABLE t AS SELECT 1 AS n", "CHECKPOINT");
        await().until(() -> standby.trySql("SELECT n FROM t").output().equals("1"));
        standby.sql("CHECKPOINT", "SELECT pg_promote()", "INSERT INTO t VALUES (666)");
        String abandoned = standby.sql("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)");
        standby.tryExec("kill -USR1 1");
        standby.awaitStandby();

        standby.instruct("i-1 1 rewind orders-1 diverged");

        standby.awaitLog("rewinding to orders-1").awaitStandby().awaitStreamingFrom(primary);
        assertThat(standby.sql("SELECT string_agg(n::text, ',') FROM t")).isEqualTo("1");
        assertThat(standby.log()).contains("pg_rewind: Done!").containsOnlyOnce("cloned from");
        assertThat(standby.sql("SELECT count(*) FROM pg_ls_waldir() WHERE name LIKE '" + abandoned + "%'"))
                .isEqualTo("0");
    }

    /** Fenced before its first checkpoint, it is to pg_rewind before 16 still on the timeline of its last restartpoint. */
    @Test
    void aStandbyThatWasPromotedByHandAndCrashedFollowsAgain() {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);
        primary.sql("CREATE TABLE t AS SELECT 1 AS n", "CHECKPOINT");
        await().until(() -> standby.trySql("SELECT n FROM t").output().equals("1"));
        standby.sql("CHECKPOINT");
        // Its checkpointer stands still, so that the checkpoint which follows a promotion does not come.
        standby.tryExec("kill -STOP $(pgrep -f 'postgres: .*checkpointer')");
        standby.sql("SELECT pg_promote()", "INSERT INTO t VALUES (666)");
        standby.tryExec("kill -KILL " + standby.postmaster());
        standby.awaitLog("postgres ended by itself").awaitStandby();

        standby.instruct("i-1 1 rewind orders-1 diverged");

        standby.awaitLog("rewinding to orders-1").awaitStandby();
        await().until(() -> !standby.has("unfinished"));
        standby.awaitStandby().follow(primary);
        assertThat(standby.sql("SELECT string_agg(n::text, ',') FROM t")).isEqualTo("1");
    }

    /** Both on one timeline, and the source without what the member has: pg_rewind sees nothing to do. */
    @Test
    void aMemberThatPgRewindWouldLeaveAsItIsIsClonedAnew() {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);

        standby.instruct("i-1 1 rewind orders-1 diverged");

        standby.awaitLog("no rewind required")
                .awaitLog("cloned from orders-1", 2)
                .awaitStandby()
                .follow(primary);
    }

    @Test
    void aRewindThatFailsBecomesAClone() {
        Member old = lab.primary();
        Member next = lab.standbyOf(old, 2);
        old.sql("CREATE TABLE t (n int)");
        promoteInPlaceOf(old, next);
        old.sql("INSERT INTO t VALUES (666)");
        next.sql("INSERT INTO t VALUES (2)");
        old.sql("SELECT pg_switch_wal()", "INSERT INTO t VALUES (667)", "CHECKPOINT");
        old.tryExec("kill -USR1 1");
        old.awaitStandby();
        // The WAL of the divergence is gone, as after a long time.
        old.exec("cd /var/lib/primacy/pgdata/pg_wal; ls 0* | grep -v history | head -n -1 | xargs rm -f");

        old.instruct("i-1 5 rewind orders-2");

        old.awaitLog("cloned from orders-2").awaitStandby();
        assertThat(old.sql("SELECT string_agg(n::text, ',') FROM t")).isEqualTo("2");
    }

    @Test
    void aRewindThatCannotRecoverFirstBecomesAClone() {
        Member old = lab.primary();
        Member next = lab.standbyOf(old, 2);
        promoteInPlaceOf(old, next);
        old.signal("KILL");
        old.awaitExit(Lab.PATIENCE);
        old.onVolume("rm -f pgdata/pg_wal/0*");
        old.instruct("i-1 5 rewind orders-2");

        old.startAgain();

        old.awaitLog("recovery before the rewind failed")
                .awaitLog("cloned from orders-2")
                .awaitStandby()
                .follow(next);
    }

    @Test
    void aPrimaryThatStartsAgainIsAStandbyThatFollowsNobody() {
        Member primary = lab.primary();
        primary.sql(
                "ALTER SYSTEM SET primary_conninfo = 'host=orders-9'",
                "ALTER SYSTEM SET primary_slot_name = 'orders_1'",
                "ALTER SYSTEM SET primacy.epoch = '3'",
                "ALTER SYSTEM SET work_mem = '5MB'");

        primary.tryExec("kill -USR1 1");

        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        primary.trySql("SELECT pg_is_in_recovery()").output().equals("t"));
        assertThat(primary.sql("SHOW primary_conninfo")).isEmpty();
        assertThat(primary.sql("SHOW primary_slot_name")).isEmpty();
        assertThat(primary.sql("SHOW primacy.promotable")).isEmpty();
        assertThat(primary.sql("SHOW primacy.epoch")).isEqualTo("3");
        assertThat(primary.sql("SHOW work_mem")).isEqualTo("5MB");
        primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1'", "SELECT pg_promote()");
        assertThat(primary.sql("SELECT timeline_id FROM pg_control_checkpoint()"))
                .isNotEmpty();
    }

    @Test
    void aVolumeThatCannotBeWrittenOnIsRefusedByAnExitCodeOfItsOwn() {
        Member member = lab.member(1, LEAVE_TO_INITDB);
        member.onVolume("chown 0:0 . && chmod 0755 .");

        assertThat(member.start().awaitExit(Duration.ofSeconds(10))).isEqualTo(4);

        assertThat(member.log()).contains("must be writable for uid", "ask for a rebuild of orders-1");
    }

    @Test
    void whatIsNoDataDirectoryIsRefusedByAnExitCodeOfItsOwn() {
        Member member = lab.member(1, LEAVE_TO_INITDB);
        member.onVolume("mkdir pgdata; echo mine >pgdata/letter; chown -R 999 pgdata");

        assertThat(member.start().awaitExit(Duration.ofSeconds(10))).isEqualTo(5);

        assertThat(member.log()).contains("refused: /var/lib/primacy/pgdata is neither empty nor a data directory");
        assertThat(member.onVolume("cat pgdata/letter")).isEqualTo("mine");
    }

    /** The operator orders it by an annotation; the script reads that before it refuses. */
    @Test
    void aCopyWhoseControlFileCannotBeReadIsRefusedUntilACloneIsOrdered() {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);
        primary.sql("CREATE TABLE t AS SELECT 42 AS n");
        standby.signal("TERM");
        standby.awaitExit(Lab.PATIENCE);
        standby.onVolume("truncate -s 0 pgdata/global/pg_control");
        String before = standby.onVolume(DIGEST);

        assertThat(standby.startAgain().awaitExit(Duration.ofSeconds(10))).isEqualTo(5);
        assertThat(standby.onVolume(DIGEST)).as("nothing was touched").isEqualTo(before);

        standby.instruct("i-1 1 clone orders-1 unreadable");
        standby.startAgain().awaitLog("instructed: i-1 clone orders-1").awaitStandby();
        assertThat(standby.sql("SELECT n FROM t")).isEqualTo("42");
        standby.follow(primary);
    }

    @Test
    void aSecondIncarnationWaitsForTheVolume() {
        Member first = lab.initialised();

        Member second = lab.member(1, LEAVE_TO_INITDB, first.dataVolume()).start();
        second.awaitLog("waiting: another process holds the volume");
        assertThat(first.answers()).isTrue();
        assertThat(second.phase()).isEqualTo("starting");
        // PID 1 alone is killed, as by a node that forgets it: postgres, in a namespace of its own, dies with it and
        // the lock is free.
        first.signal("KILL");

        second.awaitStandby();
    }

    @Test
    void anyUserIdWillDo() {
        Member member = lab.member(1, LEAVE_TO_INITDB, lab.volume("data"), 1_000_680_000, 0)
                .start()
                .awaitRunning();
        member.sql(
                "ALTER SYSTEM SET primacy.promotable = 'orders-1'",
                "SELECT pg_promote()",
                "SELECT pg_create_physical_replication_slot('orders_2')");

        Member standby = lab.member(2, Map.of(), lab.volume("data-b"), 1_000_680_000, 0)
                .start()
                .awaitRunning();

        assertThat(standby.inRecovery()).isTrue();
    }

    /** A failover by hand: the old primary keeps the leave of a P of its own, so that it diverges. */
    private static void promoteInPlaceOf(Member old, Member next) {
        String written = old.sql("SELECT pg_current_wal_lsn()");
        await().until(() ->
                next.sql("SELECT pg_last_wal_replay_lsn() >= '" + written + "'").equals("t"));
        next.sql(
                "ALTER SYSTEM SET primacy.promotable = 'orders-2'",
                "ALTER SYSTEM SET primacy.epoch = '5'",
                "ALTER SYSTEM SET primary_conninfo = ''",
                "SELECT pg_reload_conf()",
                "SELECT pg_promote()",
                "CHECKPOINT",
                "SELECT pg_create_physical_replication_slot('orders_1')");
        assertThat(old.inRecovery()).isFalse();
    }
}
