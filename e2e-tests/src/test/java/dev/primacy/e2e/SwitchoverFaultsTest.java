package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Outcome.Tolerance;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The primary moves, planned or not, again and again, under load. */
@EndToEnd
class SwitchoverFaultsTest {
    private static final int IN_A_ROW = Integer.getInteger("primacy.rounds", 30);

    @Test
    void aSwitchoverUnderFullLoadLosesNothing(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.beginAtFullSpeed(cluster);
        int timeline = workload.timeline();
        String target = cluster.standbys().getLast();
        cluster.annotate("primacy.dev/switchover", target);
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        workload.end().holds("switchover under full load");
        assertThat(cluster.primary()).isEqualTo(target);
    }

    @Full
    @ParameterizedTest
    @ValueSource(strings = {"Asynchronous", "Synchronous"})
    void oneOfTwoIsLostAndComesBack(String mode, Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO + "\nreplication: {mode: " + mode + "}")
                .awaitReady();
        Workload workload = Workload.begin(cluster);
        for (int round = 0; round < 2; round++) {
            int timeline = workload.timeline();
            cluster.podResource(cluster.primary()).withGracePeriod(0).delete();
            workload.awaitTimelineAfter(timeline);
            cluster.awaitReady();
        }
        workload.end()
                .holds("two members, " + mode, mode.equals("Synchronous") ? Tolerance.NONE : Tolerance.LAST_MOMENTS);
    }

    enum Blow {
        POSTMASTER_KILLED,
        POD_DELETED,
        POD_DELETED_BY_FORCE
    }

    /** After every fifth the primary is moved as well, so that those who lost it have been primary before. */
    @Full
    @Test
    @Timeout(1_800)
    void thirtyFailoversInARow(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE + Specs.SYNCHRONOUS).awaitReady();
        long seed = Long.getLong("primacy.seed", System.nanoTime());
        System.out.println("-Dprimacy.seed=" + seed);
        Random random = new Random(seed);
        Workload workload = Workload.begin(cluster);
        for (int round = 1; round <= IN_A_ROW; round++) {
            int timeline = workload.timeline();
            Blow blow = Blow.values()[random.nextInt(Blow.values().length)];
            String primary = cluster.primary();
            long began = System.nanoTime();
            switch (blow) {
                case POSTMASTER_KILLED -> site.processes(cluster, primary).killPostmaster();
                case POD_DELETED -> cluster.podResource(primary).delete();
                case POD_DELETED_BY_FORCE ->
                    cluster.podResource(primary).withGracePeriod(0).delete();
            }
            workload.awaitTimelineAfter(timeline);
            System.out.printf(
                    "%2d %-20s gap %5d ms, timeline %d%n",
                    round, blow, workload.longestGapSince(began).toMillis(), workload.timeline());
            cluster.awaitReady();
            if (round % 5 == 0) {
                int before = workload.timeline();
                cluster.annotate("primacy.dev/switchover", cluster.standbys().get(random.nextInt(2)));
                workload.awaitTimelineAfter(before);
                cluster.awaitReady();
            }
        }
        workload.end().holds(IN_A_ROW + " in a row, synchronous");
    }
}
