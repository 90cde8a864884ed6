package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Outcome.Tolerance;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code helm upgrade} of the operator, with other settings: one process hands over to the next, and clusters do not notice. */
@Full
@Disturbing
class OperatorUpgradeTest {
    private static final Duration NOT_NOTICED = Duration.ofSeconds(1);

    @AfterEach
    void asItWas(Site site) {
        site.operator().upgrade(Map.of());
    }

    @Test
    void writesGoOnWhileTheOperatorIsUpgraded(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        List<String> uids = pods(cluster);
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        long began = System.nanoTime();
        List<String> before = site.operator().podNames();
        site.operator().upgrade(Map.of("PRIMACY_CERTIFICATE_LIFETIME", "PT4M"));
        Eventually.soon(
                "every process is another",
                () -> assertThat(site.operator().podNames()).doesNotContainAnyElementsOf(before));
        Eventually.throughout(Duration.ofSeconds(8), "writes go on", workload::awaitProgress);
        assertThat(workload.longestGapSince(began)).isLessThan(NOT_NOTICED);
        assertThat(workload.timeline()).as("nobody was promoted").isEqualTo(timeline);
        cluster.awaitReady();
        assertThat(pods(cluster)).as("no pod was replaced").isEqualTo(uids);
        workload.end().holds("upgrade of the operator");
    }

    @Test
    void aPrimaryThatDiesDuringTheUpgradeIsSucceeded(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        List<String> before = site.operator().podNames();
        CompletableFuture<Void> upgrade = CompletableFuture.runAsync(
                () -> site.operator().upgrade(Map.of("PRIMACY_CERTIFICATE_LIFETIME", "PT4M")),
                command -> Thread.ofVirtual().name("upgrade").start(command));
        Eventually.soon(
                "a process of the new release is there",
                () -> assertThat(site.operator().podNames()).anyMatch(name -> !before.contains(name)));
        cluster.podResource(cluster.primary()).withGracePeriod(0).delete();
        workload.awaitTimelineAfter(timeline);
        upgrade.join();
        cluster.awaitReady();
        workload.end().holds("primary lost during an upgrade of the operator", Tolerance.LAST_MOMENTS);
    }

    /** Lives so short that the authority's own two thirds are over within the test; each certificate's, several times. */
    @Test
    void theOperatorsOwnAuthorityIsRenewedWithoutARestart(Space space, Site site) throws SQLException {
        site.operator().upgrade(Map.of("PRIMACY_CERTIFICATE_LIFETIME", "PT1M", "PRIMACY_CA_LIFETIME", "PT3M"));
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String started = "select pg_postmaster_start_time()";
        String standby = cluster.standbys().getFirst();
        List<String> before =
                List.of(cluster.sql().value(started), cluster.sqlOn(standby).value(started));
        String first = authority(space);
        assertThat(space.secretData("orders-app").get("ca.crt")).contains(first);
        Workload workload = Workload.begin(cluster);
        long began = System.nanoTime();

        Eventually.within(Duration.ofMinutes(3), "another authority alone is trusted", () -> {
            assertThat(authority(space)).isNotEqualTo(first);
            assertThat(space.secretData("orders-app").get("ca.crt"))
                    .contains(authority(space))
                    .doesNotContain(first);
            assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("1");
        });

        cluster.awaitReady();
        assertThat(workload.longestGapSince(began)).isLessThan(NOT_NOTICED);
        assertThat(List.of(cluster.sql().value(started), cluster.sqlOn(standby).value(started)))
                .as("since when the servers run")
                .isEqualTo(before);
        workload.end().holds("renewal of the operator's own authority");
    }

    private static List<String> pods(Cluster cluster) {
        return Stream.of(1, 2, 3)
                .map(cluster::member)
                .map(member -> String.valueOf(cluster.podUid(member)))
                .toList();
    }

    private static String authority(Space space) {
        return Objects.requireNonNull(space.secretData("orders-ca").get("tls.crt"))
                .strip();
    }
}
