package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Processes;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import java.sql.SQLException;
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
        standby.stopPostgres();
        workload.awaitProgress();
        standby.continuePostgres();
        cluster.awaitReady();
        workload.end().holds("a synchronous standby stopped");
        assertThat(workload.timeline()).as("nobody was promoted").isEqualTo(timeline);
    }

    /** The standby that acknowledged must be the one that is promoted, or be asked, however far the other is behind. */
    @Test
    void whatOnlyTheOtherStandbyHasSurvivesTheLossOfThePrimary(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE + Specs.SYNCHRONOUS).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Processes behind = site.processes(cluster, cluster.standbys().getFirst());
        behind.stopPostgres();
        workload.awaitProgress();
        cluster.podResource(cluster.primary()).withGracePeriod(0).delete();
        behind.continuePostgres();
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        workload.end().holds("primary lost with one standby behind, synchronous");
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
