package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Outcome.Tolerance;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Kubernetes has of a cluster is deleted while clients write. */
@EndToEnd
class PodFaultsTest {

    @Test
    void aDeletedPrimaryPodLosesNothing(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        cluster.podResource(cluster.primary()).delete();
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        workload.end().holds("pod deleted");
    }

    @Full
    @Test
    void aPrimaryWhoseStatefulSetIsDeletedWithItsPodIsReplacedAndLosesNothing(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        String primary = cluster.primary();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        space.client()
                .apps()
                .statefulSets()
                .inNamespace(space.name())
                .withName(primary)
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .delete();
        workload.awaitTimelineAfter(timeline);
        assertThat(cluster.await(
                                "another is the primary",
                                seen -> !primary.equals(seen.getStatus().primary()))
                        .awaitReady()
                        .standbys())
                .as("the members beside the primary")
                .hasSize(2)
                .contains(primary);
        workload.end().holds("StatefulSet of the primary deleted");
    }

    /** Its processes are killed, and with them their proof of death: the pod object is gone before the containers are. */
    @ParameterizedTest
    @CsvSource({
        "Asynchronous, '{persistentVolumeClaim: {size: 1Gi}}'",
        "Synchronous, '{persistentVolumeClaim: {size: 1Gi}}'",
        "Asynchronous, '{emptyDir: {}}'",
        "Synchronous, '{emptyDir: {}}'"
    })
    void aPrimaryPodDeletedByForceIsReplaced(String mode, String volume, Space space) throws SQLException {
        Cluster cluster = space.apply("orders", """
                        instances: 3
                        storage: {data: %s}
                        replication: {mode: %s}
                        """.formatted(volume, mode)).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        cluster.podResource(cluster.primary()).withGracePeriod(0).delete();
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        Tolerance lastMoments =
                volume.contains("emptyDir") ? Tolerance.LAST_MOMENTS.ofWhichNobodyCanTell() : Tolerance.LAST_MOMENTS;
        workload.end()
                .holds(
                        "pod deleted by force, " + mode + " on " + volume,
                        mode.equals("Synchronous") ? Tolerance.NONE : lastMoments);
    }

    @Full
    @Test
    void aPrimaryWhoseClaimIsDeletedIsReplacedAndClonedAnew(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE + Specs.SYNCHRONOUS).awaitReady();
        String primary = cluster.primary();
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        var claim = cluster.claimResource(primary);
        String volume = claim.get().getSpec().getVolumeName();
        claim.delete();
        cluster.podResource(primary).delete();
        workload.awaitTimelineAfter(timeline);
        Eventually.soon(
                "it has another volume",
                () -> assertThat(claim.get().getSpec().getVolumeName())
                        .isNotNull()
                        .isNotEqualTo(volume));
        cluster.awaitReady();
        workload.end().holds("claim of the primary deleted");
        assertThat(cluster.status().systemId()).as("no second initdb").isEqualTo(systemId);
    }

    @Full
    @Test
    void withEveryVolumeGoneNobodyBecomesPrimaryOfAnEmptyOne(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        List<String> members = List.of("orders-1", "orders-2");
        members.forEach(member -> cluster.claimResource(member).delete());
        members.forEach(member -> cluster.podResource(member).withGracePeriod(0).delete());
        cluster.await(
                "it says what is lost, and that a person has to act",
                seen -> "Stalled".equals(seen.getStatus().phase())
                        && Cluster.says(seen, "every member has a new, empty volume"));
        Eventually.throughout(
                Duration.ofSeconds(15),
                "nothing is made in their place",
                () -> assertThatThrownBy(() -> cluster.sql().run("select 1")).isInstanceOf(SQLException.class));
    }

    @Full
    @Test
    void aStatusThatIsWipedIsFoundAgainInTheMembers(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        long epoch = Objects.requireNonNull(cluster.status().epoch());
        Workload workload = Workload.begin(cluster);
        site.kubectl(
                "patch",
                "pgc",
                cluster.name(),
                "-n",
                space.name(),
                "--subresource=status",
                "--type=json",
                "-p",
                "[{\"op\": \"remove\", \"path\": \"/status\"}]");
        cluster.await(
                "it is known again",
                seen -> Cluster.isReady(seen) && seen.getStatus().systemId() != null);
        workload.end().holds("status wiped");
        assertThat(cluster.status().systemId()).isEqualTo(systemId);
        assertThat(cluster.status().epoch()).isGreaterThan(epoch);
    }

    @Full
    @Test
    void aResourceThatIsDeletedWithRetainAndAppliedAgainHasAllItsData(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        cluster.delete();
        cluster.awaitGone();
        space.apply("orders", Specs.THREE).awaitReady();
        workload.awaitTimelineAfter(timeline);
        workload.end().holds("deleted with Retain and applied again");
        assertThat(cluster.status().systemId()).as("no second initdb").isEqualTo(systemId);
    }
}
