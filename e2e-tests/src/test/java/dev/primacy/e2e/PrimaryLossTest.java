package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Ledger;
import dev.primacy.e2e.harness.Space;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The primary goes, planned or not; a client that reconnects through -rw finds one again, and no acknowledged row is lost. */
@EndToEnd
class PrimaryLossTest {

    @Test
    void switchoverOnRequestMovesThePrimaryAndLosesNothing(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady().seed();
        String before = cluster.primary();
        String target = cluster.standbys().getLast();
        Ledger ledger = Ledger.begin(cluster);
        cluster.annotate("primacy.dev/switchover", target)
                .await(
                        target + " is the primary",
                        seen -> target.equals(seen.getStatus().primary()))
                .awaitReady();
        Ledger.Result result = ledger.end();
        assertThat(result.lost(cluster.sql())).isEmpty();
        assertThat(cluster.get().getMetadata().getAnnotations()).doesNotContainKey("primacy.dev/switchover");
        var last = Objects.requireNonNull(cluster.status().lastFailover());
        assertThat(last.from()).isEqualTo(before);
        assertThat(last.to()).isEqualTo(target);
        assertThat(cluster.sqlOn(before).value("select pg_is_in_recovery()")).isEqualTo("t");
        System.out.printf("switchover: write gap %d ms%n", result.longestGap().toMillis());
    }

    @Test
    void aSwitchoverToNobodyIsRefusedInWords(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String primary = cluster.primary();
        cluster.annotate("primacy.dev/switchover", "orders-7");
        Eventually.soon(
                "an event says which members there are",
                () -> assertThat(cluster.events())
                        .anyMatch(event ->
                                event.startsWith("SwitchoverRefused:") && event.contains("orders-1, orders-2")));
        assertThat(cluster.primary()).isEqualTo(primary);
    }

    @Test
    void aKilledPostgresIsReplacedOrBackWithinSeconds(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady().seed();
        String primary = cluster.primary();
        Ledger ledger = Ledger.begin(cluster);
        cluster.exec(primary, "bash", "-c", "kill -KILL $(head -1 /var/lib/primacy/pgdata/postmaster.pid)");
        ledger.awaitGapAndRecovery();
        cluster.awaitReady();
        Ledger.Result result = ledger.end();
        assertThat(result.lost(cluster.sql())).isEmpty();
        assertThat(cluster.restarts(primary)).as("the container lives on").isZero();
        streams(cluster, 2);
        System.out.printf(
                "postgres killed: write gap %d ms%n", result.longestGap().toMillis());
    }

    @Test
    void aDeletedPrimaryPodIsReplacedByAStandby(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady().seed();
        String primary = cluster.primary();
        Ledger ledger = Ledger.begin(cluster);
        cluster.podResource(primary).delete();
        ledger.awaitGapAndRecovery();
        cluster.awaitReady();
        Ledger.Result result = ledger.end();
        assertThat(result.lost(cluster.sql())).isEmpty();
        streams(cluster, 2);
        System.out.printf("pod deleted: write gap %d ms%n", result.longestGap().toMillis());
    }

    /** Rule 3: the proof of an end is matched by the name that the container gave itself. */
    @Test
    void theKubeletHandsOnWhatThePrimarysContainerCalledItself(Space space) {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady();
        String name = cluster.superuser("orders-1", "show primacy.container");
        assertThat(cluster.statusOf("orders-1").container()).isEqualTo(name);
        cluster.exec("orders-1", "kill", "1");
        Eventually.soon("its end is reported, and the new container is known", () -> {
            assertThat(cluster.pod("orders-1")
                            .getStatus()
                            .getContainerStatuses()
                            .getFirst()
                            .getLastState()
                            .getTerminated()
                            .getMessage())
                    .startsWith("container " + name);
            assertThat(cluster.statusOf("orders-1").container())
                    .isNotEqualTo(name)
                    .isNotNull();
        });
    }

    /**
     * The second channel: under standby.signal such a primary lets nobody in after its crash, and nobody else has the end of its log
     * (PostgreSQL 15 to 18).
     */
    @Full
    @Test
    void aCrashAmidManySubtransactionsIsOvercomeByTheScript(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String primary = cluster.primary();
        String standby = cluster.standbys().getFirst();
        cluster.exec(
                standby, "bash", "-c", "mv /var/lib/primacy/pgdata/global/pg_control /var/lib/primacy/kept && kill 1");
        cluster.await("it is missed", seen -> !Cluster.isReady(seen));
        cluster.sql().run("create table many (n int)");
        try (Connection connection = cluster.sqlOn(primary).open();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int n = 0; n < 100; n++) {
                statement.execute("savepoint s" + n);
                statement.execute("insert into many values (" + n + ")");
            }
            cluster.superuser(primary, "checkpoint");
            cluster.exec(primary, "bash", "-c", "kill -KILL $(head -1 /var/lib/primacy/pgdata/postmaster.pid)");
            cluster.await(
                    primary + " is primary again",
                    Duration.ofMinutes(2),
                    seen -> Cluster.is(seen, "PrimaryAvailable")
                            && cluster.events().stream()
                                    .anyMatch(event -> event.startsWith("FailedOver") && event.contains("recovers")));
        }
        assertThat(cluster.sql().value("select count(*) from many")).isEqualTo("0");
        assertThat(cluster.events()).anyMatch(event -> event.contains("its script is told to promote it"));
    }

    @Test
    void theOnlyMemberComesBackAsThePrimaryWithItsData(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        String before = cluster.podUid("orders-1");
        cluster.podResource("orders-1").withGracePeriod(0).delete();
        Eventually.soon("another pod takes writes", () -> {
            assertThat(cluster.podUid("orders-1")).isNotNull().isNotEqualTo(before);
            cluster.sql().run("insert into seed values (2) on conflict do nothing");
        });
        // That may still have been the old pod, whose container the kubelet has yet to end.
        Eventually.soon(
                "both rows are there",
                () -> assertThat(cluster.awaitReady().sql().value("select count(*) from seed"))
                        .isEqualTo("2"));
    }

    @Test
    void onEmptyDirAStandbyTakesOverAndTheLostMemberIsClonedFromIt(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", "instances: 3\n" + Specs.ON_EMPTY_DIR)
                .awaitReady()
                .seed();
        String primary = cluster.primary();
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        cluster.podResource(primary).delete();
        cluster.await("another member is the primary", seen -> {
            String now = seen.getStatus().primary();
            return now != null && !now.equals(primary) && Cluster.isReady(seen);
        });
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("1");
        assertThat(cluster.status().systemId()).isEqualTo(systemId);
        Eventually.soon(
                "its new pod has the data",
                () -> assertThat(cluster.sqlOn(primary).value("select count(*) from seed"))
                        .isEqualTo("1"));
    }

    @Test
    void synchronousCommitsSurviveAnUncleanEnd(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE + "\nreplication: {mode: Synchronous}")
                .awaitReady()
                .seed();
        Eventually.within(
                Duration.ofSeconds(20),
                "commits wait for a standby",
                () -> assertThat(cluster.sql().value("show synchronous_standby_names"))
                        .isNotBlank());
        Ledger ledger = Ledger.begin(cluster);
        cluster.podResource(cluster.primary()).withGracePeriod(0).delete();
        ledger.awaitGapAndRecovery();
        cluster.awaitReady();
        assertThat(ledger.end().lost(cluster.sql())).isEmpty();
    }

    private static void streams(Cluster cluster, int standbys) {
        Eventually.soon(
                standbys + " standbys stream",
                () -> assertThat(cluster.superuser(
                                cluster.primary(),
                                "select count(*) from pg_stat_replication where state = 'streaming'"))
                        .isEqualTo(Integer.toString(standbys)));
    }
}
