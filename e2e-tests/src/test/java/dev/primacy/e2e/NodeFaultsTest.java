package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Outcome;
import dev.primacy.e2e.harness.Outcome.Tolerance;
import dev.primacy.e2e.harness.Processes;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import dev.primacy.testbed.Node;
import dev.primacy.testbed.Testbed;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
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
    @ParameterizedTest
    @ValueSource(strings = {"Asynchronous", "Synchronous"})
    void aNodeLosesPowerAndBootsAgain(String mode, Space space, Site site) throws SQLException {
        Cluster cluster = three(space, mode);
        Testbed testbed = site.testbed();
        Node node = site.nodeOf(cluster, cluster.primary());
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        testbed.faults().powerOff(node);
        workload.awaitTimelineAfter(timeline);
        testbed.faults().powerOn(node);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("node without power, " + mode, lastMoments(mode));
    }

    /** Rule 3: who switched it off vouches for it, and nobody waits for a fence. */
    @Full
    @Test
    void aTaintVouchesThatTheNodeIsOff(Space space, Site site) throws SQLException {
        Cluster cluster = three(space, "Asynchronous");
        Testbed testbed = site.testbed();
        Node node = site.nodeOf(cluster, cluster.primary());
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        testbed.faults().powerOff(node);
        site.kubectl("taint", "node", node.name(), "node.kubernetes.io/out-of-service=off:NoExecute");
        try {
            workload.awaitTimelineAfter(timeline);
        } finally {
            testbed.faults().powerOn(node);
            site.kubectl("taint", "node", node.name(), "node.kubernetes.io/out-of-service-");
        }
        cluster.await("all are back", BACK, Cluster::isReady);
        assertThat(cluster.events())
                .anyMatch(event -> event.startsWith("PrimaryChosen: ") && event.contains("tainted out-of-service"));
        workload.end().holds("node tainted out-of-service", Tolerance.LAST_MOMENTS);
    }

    /** Rule 9a: what it had was on that node's own disk, and the others have it, too. */
    @Full
    @Test
    void aStandbyOnEmptyDirIsMadeAnewElsewhereByItself(Space space, Site site) throws SQLException {
        Cluster cluster =
                space.apply("orders", "instances: 2\n" + Specs.ON_EMPTY_DIR).awaitReady();
        Testbed testbed = site.testbed();
        Node node = site.nodeOf(cluster, cluster.standbys().getFirst());
        Workload workload = Workload.begin(cluster);
        testbed.faults().powerOff(node);
        cluster.await(
                "it serves again, on another node",
                Duration.ofMinutes(4),
                seen -> Cluster.isReady(seen)
                        && seen.getStatus().members().stream()
                                .noneMatch(member -> node.name().equals(member.node())));
        testbed.faults().powerOn(node);
        workload.end().holds("a standby's node lost, emptyDir");
    }

    @Full
    @ParameterizedTest
    @ValueSource(strings = {"Asynchronous", "Synchronous"})
    void aNodeIsDestroyedAndAnEmptyOneTakesItsPlace(String mode, Space space, Site site) throws SQLException {
        Cluster cluster = three(space, mode);
        Testbed testbed = site.testbed();
        String lost = cluster.primary();
        Node node = site.nodeOf(cluster, lost);
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        testbed.faults().destroy(node);
        workload.awaitTimelineAfter(timeline);
        anEmptyNodeTakesItsPlace(site);
        // In the place of the old node's volume there is now an empty folder of root's.
        cluster.await("the status says what to do", BACK, seen -> Cluster.says(seen, "primacy.dev/rebuild=" + lost));
        cluster.annotate("primacy.dev/rebuild", lost);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("node destroyed, " + mode, lastMoments(mode).ofWhichNobodyCanTell());
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
        cluster.await("its pod finds no node that has its volume", BACK, seen -> Cluster.says(seen, lost, "rebuild"));
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
        switchOverTo(cluster, cluster.membersOn(node.name()).getFirst());
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
            switchOverTo(cluster, cluster.membersOn(crowded.name()).getFirst());
        }
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        testbed.faults().disconnect(crowded);
        workload.awaitTimelineAfter(timeline);
        testbed.faults().reconnect(crowded);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("two of five lost, " + replication, lastMoments(replication));
    }

    /** On four nodes: with one member each, two nodes are two members. Two synchronous standbys may lose no more. */
    @Full
    @ParameterizedTest
    @ValueSource(
            strings = {"{mode: Asynchronous}", "{mode: Synchronous, synchronousStandbys: 2, durability: Required}"})
    void twoNodesAreLostAtOnce(String replication, Space space, Site site) throws SQLException {
        Testbed testbed = site.testbed();
        testbed.loadImageOnControlPlane("postgres:17");
        Cluster cluster = space.apply(
                        "orders",
                        "instances: 5\n" + Specs.ON_CLAIMS + "\nreplication: " + replication
                                + "\npod: {tolerations: [{key: node-role.kubernetes.io/control-plane, operator: Exists}]}")
                .awaitReady();
        List<Node> lost = twoWithOneMemberEach(cluster, site);
        switchOverTo(cluster, cluster.membersOn(lost.getFirst().name()).getFirst());
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        lost.forEach(testbed.faults()::disconnect);
        workload.awaitTimelineAfter(timeline);
        lost.forEach(testbed.faults()::reconnect);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("two nodes lost, " + replication, lastMoments(replication));
    }

    /** Not both replicas of the operator run there: nobody would be left to decide. */
    private static List<Node> twoWithOneMemberEach(Cluster cluster, Site site) {
        List<Node> single = site.testbed().agents().stream()
                .filter(node -> cluster.membersOn(node.name()).size() == 1)
                .toList();
        assertThat(single).as("workers with one member").hasSizeGreaterThanOrEqualTo(2);
        List<Node> two = single.subList(0, 2);
        Node second = two.getLast();
        if (operatorsOn(two, site).size() == 2) {
            site.kubectl("cordon", second.name());
            try {
                operatorsOn(List.of(second), site)
                        .forEach(pod -> site.client().resource(pod).delete());
                site.operator().settle();
            } finally {
                site.kubectl("uncordon", second.name());
            }
            cluster.awaitReady();
        }
        assertThat(operatorsOn(two, site)).as("operators on the two nodes").hasSizeLessThan(2);
        return two;
    }

    private static List<Pod> operatorsOn(List<Node> nodes, Site site) {
        return site.operator().pods().list().getItems().stream()
                .filter(pod -> nodes.stream()
                        .anyMatch(node -> node.name().equals(pod.getSpec().getNodeName())))
                .toList();
    }

    private static void switchOverTo(Cluster cluster, String member) {
        if (!member.equals(cluster.primary())) {
            cluster.switchOverTo(member);
        }
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

    /** The standby that acknowledged must be the one that is promoted, or be asked, however far the other is behind. */
    @Full
    @Test
    void whatOnlyTheOtherStandbyHasSurvivesTheLossOfThePrimary(Space space, Site site) throws SQLException {
        Cluster cluster = three(space, "Synchronous");
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        String primary = cluster.primary();
        String behind = cluster.standbys().getFirst();
        Node node = site.nodeOf(cluster, primary);
        Processes stopped = site.processes(cluster, behind);
        stopped.stopPostgres();
        // More than the sockets on the way to it hold.
        cluster.superuser(
                primary,
                "select count(pg_logical_emit_message(true, 'filler', repeat('x', 1000000))) from generate_series(1, 64)");
        workload.awaitProgress();
        // Cut off, the primary cannot send on what the one that stood still has missed.
        site.testbed().faults().disconnect(node);
        stopped.continuePostgres();
        workload.awaitTimelineAfter(timeline);
        cluster.await(
                "another is the primary",
                seen -> seen.getStatus().primary() != null
                        && !primary.equals(seen.getStatus().primary()));
        assertThat(cluster.primary()).as("the one that was behind").isNotEqualTo(behind);
        site.testbed().faults().reconnect(node);
        cluster.await("all are back", BACK, Cluster::isReady);
        workload.end().holds("primary lost with one standby behind, synchronous");
    }
}
