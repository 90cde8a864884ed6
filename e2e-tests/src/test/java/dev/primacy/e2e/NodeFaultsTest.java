package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Outcome;
import dev.primacy.e2e.harness.Outcome.Tolerance;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import dev.primacy.testbed.Node;
import dev.primacy.testbed.Testbed;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine under the primary is lost, in every way that there is, and comes back. */
@Disturbing
class NodeFaultsTest {
    private static final Duration BACK = Duration.ofMinutes(3);

    /** docs/high-availability.md, "What remains": one loop of its script, its query and its kill. */
    private static final Duration ONE_FENCE_LOOP = Duration.ofMillis(3_500);

    @ParameterizedTest
    @ValueSource(strings = {"Asynchronous", "Synchronous"})
    void aNodeIsCutOff(String mode, Space space, Site site) throws SQLException {
        Cluster cluster = three(space, mode);
        Testbed testbed = site.testbed();
        Node node = site.nodeOf(cluster, cluster.primary());
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        testbed.faults().disconnect(node);
        workload.awaitTimelineAfter(timeline);
        testbed.faults().reconnect(node);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("node cut off, " + mode, lastMoments(mode));
    }

    @Full
    @ParameterizedTest
    @ValueSource(strings = {"Asynchronous", "Synchronous"})
    void aNodeIsFrozenAndThaws(String mode, Space space, Site site) throws SQLException {
        Cluster cluster = three(space, mode);
        Testbed testbed = site.testbed();
        Node node = site.nodeOf(cluster, cluster.primary());
        Workload workload = Workload.begin(cluster);
        workload.alsoDirectlyOn(cluster.primary());
        int timeline = workload.timeline();
        testbed.faults().freeze(node);
        workload.awaitTimelineAfter(timeline);
        long thawed = System.nanoTime();
        testbed.faults().thaw(node);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end()
                .holds(
                        "node frozen, " + mode,
                        mode.equals("Synchronous")
                                ? Tolerance.NONE
                                : Tolerance.overlapAfterThaw(thawed, ONE_FENCE_LOOP));
    }

    @Full
    @Test
    void aNodeLosesPowerAndBootsAgain(Space space, Site site) throws SQLException {
        Cluster cluster = three(space, "Synchronous");
        Testbed testbed = site.testbed();
        Node node = site.nodeOf(cluster, cluster.primary());
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        testbed.faults().powerOff(node);
        workload.awaitTimelineAfter(timeline);
        testbed.faults().powerOn(node);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("node without power, Synchronous");
    }

    @Full
    @Test
    void aNodeIsDestroyedAndAnEmptyOneTakesItsPlace(Space space, Site site) throws SQLException {
        Cluster cluster = three(space, "Synchronous");
        Testbed testbed = site.testbed();
        String lost = cluster.primary();
        Node node = site.nodeOf(cluster, lost);
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        testbed.faults().destroy(node);
        workload.awaitTimelineAfter(timeline);
        anEmptyNodeTakesItsPlace(site);
        // In the place of the old node's volume there is now an empty folder of root's.
        cluster.await("the status says what to do", BACK, seen -> {
            String reason = seen.getStatus().reason();
            return reason != null && reason.contains("primacy.dev/rebuild=" + lost);
        });
        cluster.annotate("primacy.dev/rebuild", lost);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("node destroyed, Synchronous");
    }

    /** Rule 9a: nobody but a person knows that the node is gone for good, and its volume with it. */
    @Full
    @Test
    void aStandbyWhoseNodeIsGoneForGoodIsRebuiltOnAnotherVolume(Space space, Site site) throws SQLException {
        Cluster cluster = three(space, "Asynchronous");
        Testbed testbed = site.testbed();
        String lost = cluster.standbys().getFirst();
        Node node = site.nodeOf(cluster, lost);
        Workload workload = Workload.begin(cluster);
        testbed.faults().destroy(node);
        site.kubectl("delete", "node", node.name(), "--ignore-not-found");
        cluster.await("its pod finds no node that has its volume", BACK, seen -> {
            String reason = seen.getStatus().reason();
            return reason != null && reason.contains(lost) && reason.contains("rebuild");
        });
        cluster.annotate("primacy.dev/rebuild", lost);
        cluster.await("three serve again, on two nodes", BACK, Cluster::isReady);
        workload.end().holds("a standby's node destroyed and never replaced");
        assertThat(cluster.events()).anyMatch(event -> event.startsWith("Rebuilding: " + lost));
        anEmptyNodeTakesItsPlace(site);
    }

    @Full
    @ParameterizedTest
    @ValueSource(strings = {"Asynchronous", "Synchronous"})
    void thePrimarysNodeRanTheLeadingOperatorToo(String mode, Space space, Site site) throws SQLException {
        Cluster cluster = three(space, mode);
        Testbed testbed = site.testbed();
        Node node = testbed.node(site.operator().leaderPod().getSpec().getNodeName());
        String there = cluster.membersOn(node.name()).getFirst();
        if (!there.equals(cluster.primary())) {
            cluster.annotate("primacy.dev/switchover", there)
                    .await(
                            there + " is the primary",
                            seen -> there.equals(seen.getStatus().primary()))
                    .awaitReady();
        }
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        assertThat(site.nodeOf(cluster, cluster.primary()).name())
                .isEqualTo(site.operator().leaderPod().getSpec().getNodeName());
        testbed.faults().disconnect(node);
        workload.awaitTimelineAfter(timeline);
        testbed.faults().reconnect(node);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("node of primary and leading operator cut off, " + mode, lastMoments(mode));
    }

    /** Five on three nodes: two nodes have two each. */
    @Full
    @ParameterizedTest
    @ValueSource(
            strings = {"{mode: Asynchronous}", "{mode: Synchronous, synchronousStandbys: 2, durability: Required}"})
    void twoOfFiveMembersAreLostAtOnce(String replication, Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", "instances: 5\n" + Specs.ON_CLAIMS + "\nreplication: " + replication)
                .awaitReady();
        Testbed testbed = site.testbed();
        Node crowded = testbed.agents().stream()
                .filter(node -> cluster.membersOn(node.name()).size() == 2)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no node has two of the five"));
        if (!cluster.membersOn(crowded.name()).contains(cluster.primary())) {
            String there = cluster.membersOn(crowded.name()).getFirst();
            cluster.annotate("primacy.dev/switchover", there)
                    .await(
                            there + " is the primary",
                            seen -> there.equals(seen.getStatus().primary()))
                    .awaitReady();
        }
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        testbed.faults().disconnect(crowded);
        workload.awaitTimelineAfter(timeline);
        testbed.faults().reconnect(crowded);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("two of five lost, " + replication, lastMoments(replication));
    }

    @Full
    @Test
    void everyNodeIsDrainedInTurn(Space space, Site site) throws SQLException {
        Cluster cluster = three(space, "Asynchronous");
        Workload workload = Workload.begin(cluster);
        for (Node node : site.testbed().agents()) {
            try {
                site.kubectl(
                        "drain",
                        node.name(),
                        "--ignore-daemonsets",
                        "--delete-emptydir-data",
                        "--force",
                        "--timeout=120s");
                workload.awaitProgress();
            } finally {
                site.kubectl("uncordon", node.name());
            }
            cluster.await("all are back", BACK, Cluster::isReady);
        }
        workload.end().holds("every node drained in turn");
    }

    private static void anEmptyNodeTakesItsPlace(Site site) {
        Testbed.up(line -> {});
        site.loadImages();
    }

    private static Cluster three(Space space, String mode) {
        return space.apply("orders", Specs.THREE + "\nreplication: {mode: " + mode + "}")
                .awaitReady();
    }

    private static Outcome.Tolerance lastMoments(String mode) {
        return mode.contains("Asynchronous") ? Tolerance.LAST_MOMENTS : Tolerance.NONE;
    }
}
