package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresClusterStatus.LastFailover;
import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Ledger;
import dev.primacy.e2e.harness.Scrape;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.StatusWatch;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The primary goes, planned or not; a client that reconnects through -rw finds one again, and no acknowledged row is lost. */
@EndToEnd
class PrimaryLossTest {

    @Test
    void switchoverOnRequestMovesThePrimaryAndLosesNothing(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady().seed();
        String before = cluster.primary();
        String target = cluster.standbys().getLast();
        Instant requested = Instant.now();
        Ledger ledger = Ledger.begin(cluster);
        try (StatusWatch status = StatusWatch.of(cluster)) {
            cluster.switchOverTo(target);
            assertThat(status.phases()).anyMatch(phase -> phase.matches("Switching over: .+"));
        }
        Ledger.Result result = ledger.end();
        result.isKept(cluster.sql());
        assertThat(cluster.get().getMetadata().getAnnotations()).doesNotContainKey("primacy.dev/switchover");
        assertThat(cluster.sqlOn(before).value("select pg_is_in_recovery()")).isEqualTo("t");
        System.out.printf("switchover: write gap %d ms%n", result.longestGap().toMillis());

        var last = tellsOfTheChange(cluster, before, target, result);
        assertThat(last.reason()).isEqualTo("requested by annotation");
        assertThat(cluster.events())
                .containsSubsequence(
                        "SwitchingOver: From %s to %s: requested by annotation".formatted(before, target),
                        "SwitchedOver: %s is the primary, on timeline %d: requested by annotation"
                                .formatted(target, cluster.status().timeline()));
        Eventually.soon("Prometheus is told", () -> metricsShow(site.operator().scrape(), cluster, target, requested));
    }

    private static LastFailover tellsOfTheChange(Cluster cluster, String from, String to, Ledger.Result result) {
        Eventually.soon(
                from + " shows that nothing is lost",
                () -> assertThat(Objects.requireNonNull(cluster.status().lastFailover())
                                .lostBytes())
                        .isEqualTo("0"));
        var last = Objects.requireNonNull(cluster.status().lastFailover());
        assertThat(last.from()).isEqualTo(from);
        assertThat(last.to()).isEqualTo(to);
        // The operator sees either end of it up to a second late.
        assertThat(last.writeGapMillis()).isBetween(1L, result.longestGap().toMillis() + 2_000);
        return last;
    }

    private static void metricsShow(Scrape scrape, Cluster cluster, String primary, Instant changedAfter) {
        assertThat(scrape.ofMembers(cluster, "primacy_member_primary"))
                .hasSize(3)
                .allSatisfy((member, value) -> assertThat(value).as(member).isEqualTo(member.equals(primary) ? 1 : 0));
        assertThat(scrape.ofMembers(cluster, "primacy_member_up").values()).containsExactly(1.0, 1.0, 1.0);
        assertThat(scrape.ofMembers(cluster, "primacy_member_timeline").values())
                .hasSize(3)
                .containsOnly((double) cluster.timeline());
        for (String lag : List.of("primacy_member_lag_bytes", "primacy_member_replay_lag_bytes")) {
            assertThat(scrape.ofMembers(cluster, lag))
                    .as("%s, of standbys alone", lag)
                    .hasSize(2)
                    .doesNotContainKey(primary);
        }
        assertThat(scrape.of(cluster, "primacy_cluster_ready")).isOne();
        assertThat(scrape.of(cluster, "primacy_cluster_instances")).isEqualTo(3);
        assertThat(scrape.of(cluster, "primacy_cluster_time_to_ready_seconds")).isPositive();
        assertThat(scrape.of(cluster, "primacy_cluster_last_failover_timestamp_seconds"))
                .isBetween(changedAfter.getEpochSecond() - 1.0, Instant.now().getEpochSecond() + 1.0);
        assertThat(scrape.of(cluster, "primacy_cluster_last_failover_write_gap_seconds"))
                .isBetween(0.0, 60.0);
        assertThat(scrape.of(cluster, "primacy_cluster_certificate_expiry_timestamp_seconds"))
                .isGreaterThan((double) Instant.now().getEpochSecond());
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
        result.isKept(cluster.sql());
        assertThat(cluster.restarts(primary)).as("the container lives on").isZero();
        streams(cluster, 2);
        System.out.printf(
                "postgres killed: write gap %d ms%n", result.longestGap().toMillis());
    }

    /** Whoever has the end of the log is promoted: mostly a standby, else the primary's next pod. */
    @Test
    void aDeletedPrimaryPodIsAFailoverOfWhichPeopleAreTold(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady().seed();
        String primary = cluster.primary();
        int timeline = cluster.timeline();
        Ledger ledger = Ledger.begin(cluster);
        try (StatusWatch status = StatusWatch.of(cluster)) {
            cluster.podResource(primary).delete();
            cluster.awaitTimelineAfter(timeline).awaitReady();
            assertThat(status.phases()).anyMatch(phase -> phase.matches("Failing over: .+"));
        }
        Ledger.Result result = ledger.end();
        result.isKept(cluster.sql());
        streams(cluster, 2);
        assertThat(tellsOfTheChange(cluster, primary, cluster.primary(), result).reason())
                .startsWith(primary);
        assertThat(cluster.events().stream().map(event -> event.substring(0, event.indexOf(':'))))
                .containsSubsequence("FailingOver", "FailedOver");
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
            // Asked for again and again: the event may follow the last change of the resource.
            Eventually.within(Duration.ofMinutes(2), primary + " is primary again", () -> {
                assertThat(Cluster.is(cluster.get(), "PrimaryAvailable")).isTrue();
                assertThat(cluster.events())
                        .anyMatch(event -> event.startsWith("FailedOver") && event.contains("recovers"));
            });
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
        assertThat(cluster.sql().columnOnceItAnswers("select count(*) from seed"))
                .containsExactly("1");
        assertThat(cluster.events()).anyMatch(event -> event.startsWith("PrimaryChosen: " + cluster.primary()));
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
        ledger.end().isKept(cluster.sql());
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
