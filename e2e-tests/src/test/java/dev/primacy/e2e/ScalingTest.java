package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.StatusWatch;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

@EndToEnd
class ScalingTest {

    @Test
    void oneThreeTwoOneKeepsThePrimaryAndTheData(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        String primary = cluster.primary();
        String primaryPod = cluster.podUid(primary);

        cluster.change("instances: 3").awaitReady();
        assertThat(cluster.status().members()).hasSize(3);
        for (String standby : cluster.standbys()) {
            Eventually.soon(
                    "the row is on " + standby,
                    () -> assertThat(cluster.sqlOn(standby).value("select count(*) from seed"))
                            .isEqualTo("1"));
        }

        // As `kubectl scale`, the way of autoscalers: through the scale subresource.
        site.kubectl("scale", "pgc", "orders", "-n", space.name(), "--replicas=2");
        cluster.awaitReady();
        assertThat(cluster.status().members())
                .extracting(member -> member.name())
                .containsExactly("orders-1", "orders-2");
        Eventually.soon("pod and slot of the removed member are gone", () -> {
            assertThat(cluster.podUid("orders-3")).isNull();
            assertThat(cluster.superuser(primary, "select slot_name from pg_replication_slots"))
                    .isEqualTo("orders_2");
        });
        assertThat(space.objectsOf("orders"))
                .as("deletionPolicy Retain keeps the claim")
                .contains("PersistentVolumeClaim/data-orders-3")
                .doesNotContain("StatefulSet/orders-3");

        cluster.change("instances: 1").awaitReady();
        assertThat(cluster.primary()).isEqualTo(primary);
        assertThat(cluster.podUid(primary)).as("the primary never restarted").isEqualTo(primaryPod);
        assertThat(cluster.restarts(primary)).isZero();
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("1");
    }

    @Full
    @Test
    void aCloneShowsHowFarItIs(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        cluster.sql().run("create table filler as select repeat('x', 1000) from generate_series(1, 300000)");
        try (StatusWatch status = StatusWatch.of(cluster)) {
            cluster.change("instances: 2").awaitReady();
            assertThat(status.states("orders-2")).anyMatch(state -> state.matches("cloning \\(.*MiB\\)"));
        }
    }

    @Full
    @Test
    void nineMembersCloneSideBySideAndSixGoAgain(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        cluster.sql().run("create table filler as select repeat('x', 1000) from generate_series(1, 200000)");
        String primary = cluster.primary();

        cluster.change("instances: 9");
        Eventually.within(
                Cluster.PATIENCE,
                "several are cloned at once",
                () -> assertThat(cluster.superuser(primary, "select count(*) > 2 from pg_stat_progress_basebackup"))
                        .isEqualTo("t"));
        cluster.await("it is Ready", Duration.ofMinutes(5), Cluster::isReady);
        assertThat(cluster.standbys()).hasSize(8);
        assertThat(cluster.superuser(primary, "select count(*) from pg_replication_slots where active"))
                .isEqualTo("8");
        for (String standby : cluster.standbys()) {
            assertThat(cluster.sqlOn(standby).value("select count(*) from filler"))
                    .as("rows on " + standby)
                    .isEqualTo("200000");
        }

        cluster.change("instances: 3").awaitReady();
        assertThat(cluster.standbys()).containsExactly("orders-2", "orders-3");
        assertThat(cluster.superuser(primary, "select count(*) from pg_replication_slots"))
                .isEqualTo("2");
    }

    @Test
    void aMemberThatComesBackTakesUpItsOldClaim(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        cluster.change("instances: 1").awaitReady();
        cluster.sql().run("insert into seed values (2)");
        cluster.change("instances: 2").awaitReady();
        Eventually.soon(
                "what was written meanwhile is there",
                () -> assertThat(cluster.sqlOn("orders-2").value("select count(*) from seed"))
                        .isEqualTo("2"));
    }

    @Test
    void withDeletionPolicyDeleteTheClaimGoesWithItsMember(Space space) throws SQLException {
        Cluster cluster =
                space.apply("orders", Specs.TWO + "\ndeletionPolicy: Delete").awaitReady();
        cluster.change("instances: 1").awaitReady();
        Eventually.soon(
                "the claim is gone",
                () -> assertThat(space.objectsOf("orders"))
                        .doesNotContain("PersistentVolumeClaim/data-orders-2", "StatefulSet/orders-2"));
    }

    @Test
    void thePrimaryStaysWhenItIsTheHighestMember(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        cluster.switchOverTo("orders-2");
        cluster.change("instances: 1").awaitReady();
        assertThat(cluster.status().members())
                .extracting(member -> member.name())
                .isEqualTo(List.of("orders-2"));
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("1");
        Eventually.within(
                Duration.ofSeconds(30),
                "-ro leads to the primary, there being no standby",
                () -> assertThat(cluster.reads().value("select count(*) from seed"))
                        .isEqualTo("1"));
    }
}
