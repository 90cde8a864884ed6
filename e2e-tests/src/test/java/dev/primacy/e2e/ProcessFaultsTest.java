package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Processes;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Sql;
import dev.primacy.e2e.harness.Workload;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes of the primary die or hang; its machine is well. */
@EndToEnd
class ProcessFaultsTest {

    @Test
    void aKilledPostmasterLosesNothing(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        String primary = cluster.primary();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        site.processes(cluster, primary).killPostmaster();
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        workload.end().holds("postmaster killed");
        assertThat(cluster.restarts(primary)).as("the container lives on").isZero();
    }

    /** PostgreSQL ends itself when a child dies so, and restart_after_crash is off: to everybody else it is the postmaster's death. */
    @Full
    @ParameterizedTest
    @ValueSource(strings = {"app ", "checkpointer", "walsender"})
    void aKilledChildOfThePostmasterLosesNothing(String child, Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        site.processes(cluster, cluster.primary()).kill(child);
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        workload.end().holds(child.strip() + " killed");
    }

    /** It accepts nobody, but its children work on and stream: only a new connection tells, which is the kubelet's to make. */
    @Full
    @Test
    void aStoppedPostmasterIsEndedAndLosesNothing(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        site.processes(cluster, cluster.primary()).stopPostmaster();
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        workload.end().holds("postmaster stopped");
    }

    @Full
    @Test
    void aPrimaryThatStandsStillIsReplacedAndFencesItselfWhenItGoesOn(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE + Specs.SYNCHRONOUS).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Processes processes = site.processes(cluster, cluster.primary());
        workload.alsoDirectlyOn(cluster.primary());
        processes.stopPostgres();
        workload.awaitTimelineAfter(timeline);
        processes.continuePostgres();
        cluster.awaitReady();
        workload.end().holds("all of postgres stopped, synchronous");
    }

    @Full
    @Test
    void whereClientsTakeAllConnectionsThePrimaryStaysAndServesThem(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE + "\npostgresql: {parameters: {max_connections: \"40\"}}")
                .awaitReady();
        String primary = cluster.primary();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        List<Connection> connections = new ArrayList<>();
        try {
            takeAll(cluster.sql(), connections);
            Eventually.throughout(Duration.ofSeconds(20), "the primary serves those who got in", () -> {
                workload.awaitProgress();
                assertThat(cluster.primary()).isEqualTo(primary);
            });
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
        workload.end().holds("all connections taken");
        assertThat(workload.timeline()).as("nobody was promoted").isEqualTo(timeline);
    }

    private static void takeAll(Sql sql, List<Connection> connections) {
        while (true) {
            try {
                connections.add(sql.open());
            } catch (SQLException e) {
                assertThat(e.getSQLState()).as(e.getMessage()).isIn("53300");
                return;
            }
        }
    }
}
