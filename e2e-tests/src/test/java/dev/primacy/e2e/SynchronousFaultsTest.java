package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Processes;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What an acknowledgement is worth with synchronous replication. */
@EndToEnd
class SynchronousFaultsTest {

    /** One of two standbys is enough for a commit: any that answers. */
    @Test
    void aStandbyThatStandsStillHoldsNobodyUp(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE + Specs.SYNCHRONOUS).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Processes standby = site.processes(cluster, cluster.standbys().getFirst());
        long began = System.nanoTime();
        standby.stopPostgres();
        Eventually.throughout(Duration.ofSeconds(8), "writes go on", workload::awaitProgress);
        assertThat(workload.longestGapSince(began)).isLessThan(Duration.ofSeconds(2));
        standby.continuePostgres();
        cluster.awaitReady();
        workload.end().holds("a synchronous standby stopped");
        assertThat(workload.timeline()).as("nobody was promoted").isEqualTo(timeline);
    }

    /** Commits wait for whoever streams, and for nobody where nobody does. */
    @Test
    void writesGoOnWithoutAStandbyWhereDurabilityIsPreferred(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply(
                        "orders", Specs.THREE + "\nreplication: {mode: Synchronous, durability: Preferred}")
                .awaitReady();
        awaitNames(cluster, "ANY 1 (");
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        List<Processes> standbys = cluster.standbys().stream()
                .map(standby -> site.processes(cluster, standby))
                .toList();
        standbys.forEach(Processes::stopPostgres);
        Eventually.soon(
                "PostgreSQL waits for nobody",
                () -> assertThat(cluster.superuser(cluster.primary(), "show synchronous_standby_names"))
                        .isEmpty());
        workload.awaitProgress();
        standbys.forEach(Processes::continuePostgres);
        cluster.awaitReady();
        awaitNames(cluster, "ANY 1 (");
        workload.end().holds("both standbys stopped, durability Preferred");
        assertThat(workload.timeline()).as("nobody was promoted").isEqualTo(timeline);
    }

    private static void awaitNames(Cluster cluster, String beginning) {
        Eventually.soon(
                "commits wait for " + beginning,
                () -> assertThat(cluster.superuser(cluster.primary(), "show synchronous_standby_names"))
                        .startsWith(beginning));
    }

    /** From asynchronous to one, to two, and back to one standby that has to acknowledge, each time as soon as it is safe to say so. */
    @Full
    @Test
    void synchronousReplicationIsTurnedOnAndChangedUnderLoad(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        cluster.change("replication: {mode: Synchronous}");
        awaitNumber(cluster, 1);
        cluster.change("replication: {synchronousStandbys: 2}");
        awaitNumber(cluster, 2);
        cluster.change("replication: {synchronousStandbys: 1}");
        awaitNumber(cluster, 1);
        site.processes(cluster, cluster.primary()).killPostmaster();
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        workload.end().holds("synchronous replication turned on and changed, then the primary killed");
    }

    private static void awaitNumber(Cluster cluster, int number) {
        cluster.await(number + " of two standbys acknowledge, and nothing else may be in force", seen -> {
            var sets = seen.getStatus().synchronous();
            return sets.size() == 1
                    && Integer.valueOf(number).equals(sets.getFirst().number());
        });
        awaitNames(cluster, "ANY " + number + " (");
    }

    @Test
    void bothStandbysOfTwoAreAskedForWhereCommitsWaitForBoth(Space space) throws SQLException {
        Cluster cluster = space.apply(
                        "orders", Specs.THREE + "\nreplication: {mode: Synchronous, synchronousStandbys: 2}")
                .awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        List<String> standbys = cluster.standbys();
        cluster.podResource(cluster.primary()).withGracePeriod(0).delete();
        cluster.podResource(Objects.requireNonNull(standbys.getFirst()))
                .withGracePeriod(0)
                .delete();
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        workload.end().holds("primary and a standby lost, two synchronous standbys");
    }
}
