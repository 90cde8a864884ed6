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
import dev.primacy.testbed.Faults;
import dev.primacy.testbed.Node;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The network parts the primary from some and not from others; its clients reach it all the while. */
@Disturbing
class PartitionFaultsTest {

    /** The operator sees nothing of it, and its clients reach it, until it fences itself. */
    private static final Tolerance UNTIL_IT_FENCED_ITSELF = Tolerance.lossOf(Duration.ofSeconds(10));

    @Test
    void aShortPartitionFromTheOperatorAloneHarmsNobody(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Primary primary = Primary.of(cluster, site);
        long began = System.nanoTime();
        primary.dropTo(operators(site));
        primary.dropFrom(operators(site));
        Eventually.throughout(Duration.ofSeconds(8), "the standbys' word keeps it primary", workload::awaitProgress);
        assertThat(site.operator().scrape().ofMembers(cluster, "primacy_member_up"))
                .as("the operator does not see it")
                .containsEntry(cluster.primary(), 0.0);
        primary.heal();
        cluster.awaitReady();
        assertThat(workload.longestGapSince(began)).isLessThan(Duration.ofSeconds(1));
        workload.end().holds("8 s without the operator");
        assertThat(workload.timeline()).as("nobody was promoted").isEqualTo(timeline);
    }

    /** A witness must not veto for ever (rule 11). */
    @Full
    @Test
    void aLongPartitionFromTheOperatorAloneEndsInAFailover(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        String member = cluster.primary();
        workload.alsoDirectlyOn(member);
        int timeline = workload.timeline();
        Primary primary = Primary.of(cluster, site);
        primary.dropTo(operators(site));
        primary.dropFrom(operators(site));
        workload.awaitTimelineAfter(timeline);
        primary.heal();
        cluster.awaitReady();
        workload.end().holds("cut off from the operator for long", UNTIL_IT_FENCED_ITSELF);
        // It looks once a second whether anybody follows it still, and may have written until then.
        boolean rewound = cluster.events().stream().anyMatch(event -> event.contains(member + " is rewound to follow"));
        assertThat(Objects.requireNonNull(cluster.status().lastFailover()).lostBytes())
                .as("what it still wrote when nobody followed it any more; rewound: %s", rewound)
                .matches(lost -> rewound != lost.equals("0"));
    }

    @Full
    @Test
    void withoutItsStandbysAnAsynchronousPrimaryServesOn(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Primary primary = Primary.of(cluster, site);
        long began = System.nanoTime();
        primary.dropTo(primary.standbys());
        primary.dropFrom(primary.standbys());
        Eventually.throughout(Duration.ofSeconds(15), "the operator's grants keep it primary", workload::awaitProgress);
        assertThat(cluster.superuser(
                        cluster.primary(),
                        "select count(*) from pg_stat_replication where now() - reply_time < interval '5 s'"))
                .as("standbys that it hears")
                .isEqualTo("0");
        primary.heal();
        cluster.awaitReady();
        assertThat(workload.longestGapSince(began)).isLessThan(Duration.ofSeconds(1));
        workload.end().holds("15 s without the standbys");
        assertThat(workload.timeline()).as("nobody was promoted").isEqualTo(timeline);
    }

    @Full
    @Test
    void withoutItsStandbysASynchronousPrimaryAcknowledgesNothing(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE + Specs.SYNCHRONOUS).awaitReady();
        Workload workload = Workload.begin(cluster);
        Primary primary = Primary.of(cluster, site);
        long began = System.nanoTime();
        primary.dropTo(primary.standbys());
        primary.dropFrom(primary.standbys());
        Eventually.within(
                Duration.ofSeconds(15),
                "writes wait",
                () -> assertThat(workload.longestGapSince(began)).isGreaterThan(Duration.ofSeconds(5)));
        primary.heal();
        workload.awaitProgress();
        cluster.awaitReady();
        workload.end().holds("synchronous, without the standbys");
    }

    /** Longer than Kubernetes takes to give the node up; pods there run on, and so does what they are to clients. */
    @Full
    @Test
    void withoutTheApiServerItsNodeIsNotReadyAndNothingIsLost(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Node node = site.nodeOf(cluster, cluster.primary());
        long began = System.nanoTime();
        site.testbed().faults().cutOffApiServer(node);
        Eventually.within(
                Duration.ofSeconds(100),
                "Kubernetes gives the node up",
                () -> assertThat(site.testbed().readyNodes()).doesNotContain(node.name()));
        Eventually.throughout(Duration.ofSeconds(15), "writes go on", workload::awaitProgress);
        assertThat(workload.longestGapSince(began)).isLessThan(Duration.ofSeconds(2));
        assertThat(workload.timeline()).as("nobody was promoted").isEqualTo(timeline);
        site.testbed().faults().dropNothing(node);
        cluster.await("all are back", Duration.ofMinutes(3), Cluster::isReady);
        workload.end().holds("node cut off from the API server");
    }

    enum Direction {
        /** It hears nothing, and is heard. */
        TO_THE_PRIMARY,
        /** It is not heard, and hears. */
        FROM_THE_PRIMARY
    }

    @Full
    @ParameterizedTest
    @EnumSource
    void aPartitionInOneDirectionEndsWithOnePrimary(Direction direction, Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        workload.alsoDirectlyOn(cluster.primary());
        int timeline = workload.timeline();
        Primary primary = Primary.of(cluster, site);
        List<String> others = Stream.concat(operators(site).stream(), primary.standbys().stream())
                .toList();
        switch (direction) {
            case TO_THE_PRIMARY -> primary.dropFrom(others);
            case FROM_THE_PRIMARY -> primary.dropTo(others);
        }
        workload.awaitTimelineAfter(timeline);
        primary.heal();
        cluster.awaitReady();
        workload.end().holds("cut " + direction, UNTIL_IT_FENCED_ITSELF);
    }

    private static List<String> operators(Site site) {
        return site.operator().pods().list().getItems().stream()
                .map(pod -> Objects.requireNonNull(pod.getStatus().getPodIP()))
                .toList();
    }

    /** The primary's place in the network; packets are dropped at its node. */
    private record Primary(Faults faults, Node node, String address, List<String> standbys) {

        static Primary of(Cluster cluster, Site site) {
            String primary = cluster.primary();
            return new Primary(
                    site.testbed().faults(),
                    site.nodeOf(cluster, primary),
                    cluster.address(primary),
                    cluster.standbys().stream().map(cluster::address).toList());
        }

        void dropTo(List<String> others) {
            others.forEach(other -> faults.drop(node, address, other));
        }

        void dropFrom(List<String> others) {
            others.forEach(other -> faults.drop(node, other, address));
        }

        void heal() {
            faults.dropNothing(node);
        }
    }
}
