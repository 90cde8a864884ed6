package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.primacy.operator.shell.Result;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the script takes for granted about PostgreSQL: if a release changes one of these, the script must change. */
@OnEveryVersion
class PostgresFactsTest {

    private final Lab lab;

    PostgresFactsTest(int version) {
        lab = new Lab(version);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void alterSystemNeedsTheParametersOfPrimacyDeclaredBefore17() {
        try (Bare postgres = new Bare(lab, "a", lab.volume("bare")).initdb()) {
            postgres.start("");

            Result undeclared =
                    postgres.tryExec("psql -h /tmp -U postgres -c \"ALTER SYSTEM SET primacy.epoch = '1'\"");

            if (lab.version() < 17) {
                assertThat(undeclared.output()).contains("unrecognized configuration parameter");
            }
            postgres.exec("pg_ctl -D /data/pg stop -m fast; echo \"primacy.epoch = '0'\" >>/data/pg/postgresql.conf");
            postgres.start("");
            postgres.sql("ALTER SYSTEM SET primacy.epoch = '1'");
            postgres.sql("SELECT pg_reload_conf()");
            await().until(() -> postgres.sql("SHOW primacy.epoch").equals("1"));
        }
    }

    @Test
    void theStandbySignalIsGoneBeforeAPromotedServerIsWritable() {
        Member member = lab.initialised();

        assertThat(member.sql("SELECT pg_promote(false)", """
                        DO $$
                        BEGIN
                          WHILE pg_is_in_recovery() LOOP END LOOP;
                          IF pg_stat_file('standby.signal', true) IS NOT NULL THEN RAISE 'standby.signal is still there'; END IF;
                        END $$""", "SELECT 'gone'")).endsWith("gone");
    }

    @Test
    void backendsOutliveTheirPostmasterAndGoOnCommitting() {
        try (Bare postgres = new Bare(lab, "a", lab.volume("bare")).initdb()) {
            postgres.start("");
            postgres.sql("CREATE TABLE looped (n bigserial)");
            postgres.exec(
                    "(psql -h /tmp -U postgres -c 'DO $$ BEGIN LOOP INSERT INTO looped DEFAULT VALUES; COMMIT; END LOOP; END $$' >/dev/null 2>&1 &); sleep 0.5");

            postgres.exec("kill -KILL $(head -1 /data/pg/postmaster.pid); sleep 1");

            String before = walDigest(postgres);
            await().atMost(Duration.ofSeconds(3))
                    .until(() -> !walDigest(postgres).equals(before));
        }
    }

    @Test
    void twoPostmastersInDifferentNamespacesRunOnOneDataDirectoryOnceThePidFileIsRemoved() {
        String volume = lab.volume("bare");
        try (Bare first = new Bare(lab, "a", volume).initdb();
                Bare second = new Bare(lab, "b", volume)) {
            first.start("");
            second.exec("rm /data/pg/postmaster.pid");

            assertThat(second.start("").status())
                    .as("hence the lock on the volume")
                    .isZero();

            // The first notices within a minute that its file is another's; until then both write.
            first.sql("CREATE TABLE a ()");
            second.sql("CREATE TABLE b ()");
        }
    }

    @Test
    void aFormerPrimaryRefusesToStartAsAStandbyWithLowerSettings() {
        try (Bare postgres = new Bare(lab, "a", lab.volume("bare")).initdb()) {
            postgres.start("-c max_connections=150");
            postgres.exec("pg_ctl -D /data/pg stop -m fast; touch /data/pg/standby.signal");

            assertThat(postgres.start("-c max_connections=100").status()).isNotZero();
            assertThat(postgres.log()).contains("insufficient parameter settings");

            // Rule 9b: a single-user run with the lower value, without the signal.
            postgres.exec(
                    "rm /data/pg/standby.signal; postgres --single -D /data/pg -c max_connections=100 postgres </dev/null >/dev/null 2>&1; touch /data/pg/standby.signal");
            assertThat(postgres.start("-c max_connections=100").status()).isZero();
        }
    }

    @Test
    void aBadHbaFileSurvivesAReloadAndIsFatalAtTheNextStart() {
        try (Bare postgres = new Bare(lab, "a", lab.volume("bare")).initdb()) {
            postgres.start("");
            postgres.exec("echo nonsense >>/data/pg/pg_hba.conf");
            postgres.sql("SELECT pg_reload_conf()");
            assertThat(postgres.sql("SELECT 1")).isEqualTo("1");

            assertThat(postgres.tryExec("pg_ctl -D /data/pg restart -w -t 10 -l /tmp/log")
                            .status())
                    .isNotZero();

            assertThat(postgres.log()).contains("could not load");
        }
    }

    @Test
    void aRewindReplacesTheTargetsSettingsAndRemovesItsSignal() {
        try (Bare source = new Bare(lab, "a", lab.volume("bare")).initdb()) {
            source.start("");
            source.exec("pg_basebackup -h /tmp -U postgres -D /data/other -c fast");
            source.sql("ALTER SYSTEM SET work_mem = '7MB'");
            source.exec("pg_ctl -D /data/pg stop -m fast; touch /data/pg/standby.signal");
            source.start("");
            source.exec("psql -h /tmp -U postgres -qc 'SELECT pg_promote()' -c CHECKPOINT >/dev/null");
            source.exec("""
                    cp /data/other/postgresql.conf /tmp/kept
                    pg_ctl -D /data/other -l /tmp/other -w -o '-k /tmp -p 5433' start >/dev/null
                    psql -h /tmp -p 5433 -U postgres -qc 'CREATE TABLE diverged ()' -c "ALTER SYSTEM SET work_mem = '9MB'"
                    pg_ctl -D /data/other stop -m fast >/dev/null; touch /data/other/standby.signal
                    """);

            source.exec(
                    "pg_rewind --target-pgdata=/data/other --source-server='host=/tmp user=postgres dbname=postgres'");

            assertThat(source.tryExec("test -e /data/other/standby.signal").status())
                    .isNotZero();
            assertThat(source.exec("cat /data/other/postgresql.auto.conf"))
                    .contains("7MB")
                    .doesNotContain("9MB");
        }
    }

    /** It asks from the beginning of its segment, which lies before the fork, and says how far it replayed on its own timeline. */
    @Test
    void aStandbyThatStrayedAcknowledgesWhatItDoesNotHave() {
        try (Bare primary = new Bare(lab, "a", lab.volume("bare")).initdb()) {
            primary.start("");
            primary.exec("""
                    for standby in strayed:5433 successor:5434; do
                      pg_basebackup -h /tmp -U postgres -D /data/${standby%:*} -R -c fast
                      pg_ctl -D /data/${standby%:*} -l /tmp/${standby%:*} -w -o "-k /tmp -p ${standby#*:}" start >/dev/null
                    done
                    """);
            primary.sql("CREATE TABLE t (n int)");
            awaitReplay(primary, 5434);
            primary.exec("pg_ctl -D /data/successor stop -m fast >/dev/null");
            primary.sql("CREATE TABLE lost AS SELECT generate_series(1, 10000)");
            awaitReplay(primary, 5433);
            primary.exec("""
                    pg_ctl -D /data/strayed stop -m immediate >/dev/null; pg_ctl -D /data/pg stop -m immediate >/dev/null
                    echo "primary_conninfo = 'host=/tmp port=5434 user=postgres application_name=strayed'" >>/data/strayed/postgresql.auto.conf
                    pg_ctl -D /data/successor -l /tmp/successor -w -o '-k /tmp -p 5434' start >/dev/null
                    psql -h /tmp -p 5434 -U postgres -qc 'SELECT pg_promote()' \\
                      -c "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (strayed)'" -c 'SELECT pg_reload_conf()' >/dev/null
                    until [ "$(psql -h /tmp -p 5434 -U postgres -XAtqc 'SHOW synchronous_standby_names')" ]; do sleep 0.1; done
                    (psql -h /tmp -p 5434 -U postgres -XAtqc 'INSERT INTO t VALUES (1)' && touch /tmp/acknowledged) >/dev/null 2>&1 &
                    sleep 1
                    """);
            assertThat(primary.tryExec("test -e /tmp/acknowledged").status()).isNotZero();

            // It is heard for a moment, once, and whether the primary releases waiters in that moment is a race.
            primary.exec("""
                    for attempt in {1..10}; do
                      pg_ctl -D /data/strayed -l /tmp/strayed -w -o '-k /tmp -p 5433' start >/dev/null
                      for tenth in {1..30}; do [ ! -e /tmp/acknowledged ] || break 2; sleep 0.1; done
                      pg_ctl -D /data/strayed stop -m immediate >/dev/null; rm -f /data/strayed/pg_wal/00000002.history
                    done
                    """);
            assertThat(primary.tryExec("test -e /tmp/acknowledged").status())
                    .as("hence S names those alone who were seen on the primary's timeline")
                    .isZero();
            assertThat(onStrayed(primary, "SELECT count(*) FROM t")).isEqualTo("0");

            primary.exec("pg_ctl -D /data/strayed stop -m immediate >/dev/null;"
                    + " pg_ctl -D /data/strayed -l /tmp/strayed -w -o '-k /tmp -p 5433' start >/dev/null");

            await().untilAsserted(() -> assertThat(onStrayed(primary, "SELECT received_tli FROM pg_stat_wal_receiver"))
                    .as("hence the script takes away the history that was fetched")
                    .isEqualTo("2"));
            assertThat(onStrayed(primary, "SELECT count(*) FROM lost"))
                    .as("it streams the other timeline on top of what it went on with")
                    .isEqualTo("10000");
        }
    }

    /** As a walreceiver leaves it whose upstream dies while it sends the segment of the fork, from its beginning, on the new timeline. */
    @Test
    void aSegmentOfWhichHalfCameHidesTheWholeOneOfTheTimelineBefore() {
        try (Bare primary = new Bare(lab, "a", lab.volume("bare")).initdb()) {
            primary.start("");
            primary.exec("""
                    pg_basebackup -h /tmp -U postgres -D /data/strayed -R -c fast
                    pg_ctl -D /data/strayed -l /tmp/strayed -w -o '-k /tmp -p 5433' start >/dev/null
                    """);
            primary.sql("CREATE TABLE first (n int)");
            String half = primary.sql("SELECT file_offset FROM pg_walfile_name_offset(pg_current_wal_lsn())");
            primary.sql("CREATE TABLE acknowledged AS SELECT generate_series(1, 10000)");
            awaitReplay(primary, 5433);
            String end = onStrayed(primary, "SELECT pg_last_wal_replay_lsn()");
            String segment = primary.sql("SELECT substr(pg_walfile_name('" + end + "'), 9)");
            primary.exec("""
                    pg_ctl -D /data/strayed stop -m immediate >/dev/null; pg_ctl -D /data/pg stop -m immediate >/dev/null
                    sed -i /primary_conninfo/d /data/strayed/postgresql.auto.conf # who follows nobody: who follows ends again and again
                    cd /data/strayed/pg_wal; size=$(stat -c %%s 00000001%1$s)
                    { head -c %2$s 00000001%1$s; head -c $((size - %2$s)) /dev/zero; } >00000002%1$s
                    printf '1\t%3$s\tno recovery target specified\n' >00000002.history
                    pg_ctl -D /data/strayed -l /tmp/strayed -w -o '-k /tmp -p 5433' start >/dev/null
                    """.formatted(segment, half, end));
            assertThat(onStrayed(primary, "SELECT count(*) FROM first")).isEqualTo("0");
            assertThat(onStrayed(primary, "SELECT count(*) FROM pg_class WHERE relname = $$acknowledged$$"))
                    .as("hence the script takes away the half")
                    .isEqualTo("0");

            primary.exec("pg_ctl -D /data/strayed stop -m immediate >/dev/null; rm /data/strayed/pg_wal/00000002"
                    + segment + "; pg_ctl -D /data/strayed -l /tmp/strayed -w -o '-k /tmp -p 5433' start >/dev/null");
            await().untilAsserted(() -> assertThat(onStrayed(primary, "SELECT count(*) FROM acknowledged"))
                    .isEqualTo("10000"));
        }
    }

    private static String onStrayed(Bare primary, String sql) {
        return primary.exec("psql -h /tmp -p 5433 -U postgres -XAtqc '" + sql + "'");
    }

    @Test
    void unloggedTablesAreEmptyAfterACleanRestartAsAStandby() {
        Member primary = lab.primary();
        primary.sql("CREATE UNLOGGED TABLE u AS SELECT 1 AS n");

        primary.tryExec("kill -USR1 1");

        primary.awaitStandby();
        primary.sql("ALTER SYSTEM SET primacy.promotable = 'orders-1'", "SELECT pg_promote()");
        assertThat(primary.sql("SELECT count(*) FROM u")).isEqualTo("0");
    }

    @Test
    void aSilentStandbyLeavesTheViewOnceTheSenderTimeoutHasPassed() {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);
        Docker.run("pause", standby.container());
        long start = System.nanoTime();

        await().until(() ->
                primary.sql("SELECT count(*) FROM pg_stat_replication").equals("0"));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(8));
        Docker.run("unpause", standby.container());
    }

    @Test
    void aSilentStandbyHoldsAFastShutdownForTheSenderTimeout() {
        Member primary = lab.primary();
        Member standby = lab.standbyOf(primary, 2);
        Docker.run("pause", standby.container());
        long start = System.nanoTime();

        primary.signal("TERM");

        assertThat(primary.awaitExit(Duration.ofSeconds(10))).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(8));
        assertThat(primary.log())
                .contains("terminating walsender process due to replication timeout", "database system is shut down");
        Docker.run("unpause", standby.container());
    }

    @Test
    void aCrashAmidManySubtransactionsLetsNobodyInUntilPromotedByInstruction() throws Exception {
        Member primary = lab.primary();
        primary.sql("CREATE TABLE t (n int)");
        try (var _ = primary.withManySubtransactions("t")) {
            primary.sql("CHECKPOINT");
            primary.tryExec("kill -KILL " + primary.postmaster());
            primary.awaitLog("postgres ended by itself");
            await().during(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(15)).until(() -> !primary.answers());
            assertThat(primary.phase()).isEqualTo("starting");
            assertThat(primary.live()).isTrue();

            primary.instruct("p-1 7 promote 4 it never answers");

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> primary.trySql("SELECT pg_is_in_recovery()")
                            .output()
                            .equals("f"));
            assertThat(primary.sql("SELECT count(*) FROM t")).isEqualTo("0");
            assertThat(primary.sql("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"))
                    .as("beyond what was reserved (rule 6)")
                    .isEqualTo("00000005");
            assertThat(primary.sql("SHOW primacy.epoch"))
                    .as("an older operator has nothing to say any more (rule 1)")
                    .isEqualTo("7");
        }
    }

    @Test
    void theKernelSparesPidOneFromSignalsOfItsOwnContainer() {
        Member member = lab.initialised();

        member.tryExec("kill -KILL 1; kill -STOP 1");

        await().during(Duration.ofSeconds(1)).until(member::answers);
    }

    private static void awaitReplay(Bare primary, int port) {
        String end = primary.sql("SELECT pg_current_wal_lsn()");
        await().until(() -> primary.exec("psql -h /tmp -p " + port
                        + " -U postgres -XAtqc \"SELECT pg_last_wal_replay_lsn() >= '" + end + "'\"")
                .equals("t"));
    }

    private static String walDigest(Bare postgres) {
        return postgres.exec("cd /data/pg/pg_wal; cat 0* | sha256sum");
    }
}
