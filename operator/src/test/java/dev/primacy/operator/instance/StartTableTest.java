package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rows of the start table, in its order. */
@OnEveryVersion
class StartTableTest {

    private static final Map<String, String> LEAVE_TO_INITDB = Map.of("PRIMACY_INITDB", "true");
    private static final String DIGEST =
            "cd /var/lib/primacy && find . -type f ! -name lock | sort | xargs sha256sum | sha256sum";

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
        Member first = lab.member(1, LEAVE_TO_INITDB).start().awaitRunning();
        first.signal("TERM");
        first.awaitExit(Duration.ofSeconds(10));
        String before = digest(first.dataVolume());

        Member second = lab.member(2, Map.of("PRIMACY_SYSTEM_ID", "7000000000000000001"), first.dataVolume())
                .start();

        assertThat(second.awaitExit(Duration.ofSeconds(10))).isEqualTo(3);
        assertThat(second.log()).contains("refused: the volume holds system identifier", "7000000000000000001");
        assertThat(digest(first.dataVolume())).isEqualTo(before);
    }

    @Test
    void anUnfinishedCloneIsWipedOnlyWhenTheSourceIsOfThisCluster() {
        Member stranger = lab.primary();
        stranger.sql("SELECT pg_create_physical_replication_slot('orders_2')");
        Member member = lab.member(2, LEAVE_TO_INITDB).start().awaitRunning();
        String id = member.sql("SELECT system_identifier FROM pg_control_system()");
        member.signal("TERM");
        member.awaitExit(Duration.ofSeconds(10));
        onVolume(member.dataVolume(), "echo 'clone orders-1' >/var/lib/primacy/unfinished");

        Member again = lab.member(2, Map.of("PRIMACY_SYSTEM_ID", id), member.dataVolume())
                .start();

        again.awaitLog("nothing is wiped");
        assertThat(again.exists("/var/lib/primacy/pgdata/PG_VERSION")).isTrue();
        assertThat(again.phase()).isEqualTo("clone");
        assertThat(again.live()).as("liveness during a clone").isTrue();
    }

    @Test
    void anUnfinishedCloneIsDoneAnewOnceTheSourceAndItsSlotAreThere() {
        Member primary = lab.primary();
        String id = primary.sql("SELECT system_identifier FROM pg_control_system()");
        Member member = lab.member(2, Map.of("PRIMACY_SYSTEM_ID", id));
        onVolume(
                member.dataVolume(),
                "mkdir /var/lib/primacy/pgdata; echo x >/var/lib/primacy/pgdata/half; chown -R 999 /var/lib/primacy/pgdata; echo 'rewind orders-1' >/var/lib/primacy/unfinished; chown 999 /var/lib/primacy/unfinished");
        member.start().awaitLog("waiting for replication slot orders_2 on orders-1");
        assertThat(member.exists("/var/lib/primacy/pgdata/half")).isTrue();

        primary.sql("SELECT pg_create_physical_replication_slot('orders_2')");

        member.awaitStandby();
        assertThat(member.exists("/var/lib/primacy/pgdata/half")).isFalse();
        assertThat(member.exists("/var/lib/primacy/unfinished")).isFalse();
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
        await().untilAsserted(() -> assertThat(member.phase()).isEqualTo("running"));
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

    @Test
    void theLeaveToInitialiseEndsWithTheRecordedSystemIdentifier() {
        Member member = lab.member(2, Map.of("PRIMACY_INITDB", "true", "PRIMACY_SYSTEM_ID", "7000000000000000001"))
                .start();

        member.awaitLog("waiting for orders-1");

        assertThat(member.phase()).isEqualTo("clone");
        assertThat(member.exists("/var/lib/primacy/pgdata")).isFalse();
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
        assertThat(standby.exec("grep -v '^#' /var/lib/primacy/pgdata/postgresql.auto.conf"))
                .isEqualTo("primacy.epoch = '7'");
        standby.follow(primary);
        primary.sql("INSERT INTO t VALUES (43)");
        await().untilAsserted(
                        () -> assertThat(standby.sql("SELECT max(n) FROM t")).isEqualTo("43"));
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

        old.awaitLog("rewinding to orders-2").awaitStandby();
        old.follow(next);
        await().untilAsserted(() -> assertThat(old.sql("SELECT string_agg(n::text, ',' ORDER BY n) FROM t"))
                .isEqualTo("1,2"));
        assertThat(old.exists("/var/lib/primacy/unfinished")).isFalse();
        assertThat(old.log()).doesNotContain("cloning");
        assertThat(old.sql("SHOW primacy.epoch")).isEqualTo("5");
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
    void whatIsNoDataDirectoryIsRefused() {
        Member member = lab.member(1, LEAVE_TO_INITDB);
        onVolume(
                member.dataVolume(),
                "mkdir /var/lib/primacy/pgdata; echo mine >/var/lib/primacy/pgdata/letter; chown -R 999 /var/lib/primacy/pgdata");

        assertThat(member.start().awaitExit(Duration.ofSeconds(10))).isEqualTo(3);

        assertThat(member.log()).contains("refused: /var/lib/primacy/pgdata is neither empty nor a data directory");
        assertThat(onVolume(member.dataVolume(), "cat /var/lib/primacy/pgdata/letter"))
                .isEqualTo("mine");
    }

    @Test
    void aSecondIncarnationWaitsForTheVolume() {
        Member first = lab.member(1, LEAVE_TO_INITDB).start().awaitRunning();

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
        Member member = lab.member(1, LEAVE_TO_INITDB, lab.volume("data", ""), 1_000_680_000, 0)
                .start()
                .awaitRunning();
        member.sql(
                "ALTER SYSTEM SET primacy.promotable = 'orders-1'",
                "SELECT pg_promote()",
                "SELECT pg_create_physical_replication_slot('orders_2')");

        Member standby = lab.member(2, Map.of(), lab.volume("data-b", ""), 1_000_680_000, 0)
                .start()
                .awaitRunning();

        assertThat(standby.inRecovery()).isTrue();
    }

    /** A failover by hand: the old primary keeps the leave of a P of its own, so that it diverges. */
    private static void promoteInPlaceOf(Member old, Member next) {
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

    private String digest(String volume) {
        return onVolume(volume, DIGEST);
    }

    private String onVolume(String volume, String script) {
        return Docker.feed(
                script,
                "run",
                "--rm",
                "-i",
                "-v",
                volume + ":/var/lib/primacy",
                "--entrypoint",
                "bash",
                lab.image(),
                "-s");
    }
}
