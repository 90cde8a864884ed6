package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.e2e.harness.Authority;
import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Outcome.Tolerance;
import dev.primacy.e2e.harness.Processes;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import dev.primacy.testbed.Node;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Those who decide are away, or there are two of them, while clients write and members fail. */
@Disturbing
class OperatorFaultsTest {

    /** How far a failover is when every process of the operator is killed: its node is disconnected, so that it takes seconds. */
    enum Step {
        INTENT_WRITTEN,
        VOTED,
        TARGET_CHOSEN,
        ROUTED,
        PROMOTED;

        /** Returns when it is so, and where that would be over in no time, holds it there. */
        private void await(Cluster cluster, Before before, Held held) {
            switch (this) {
                case INTENT_WRITTEN -> {
                    // A standby whose receiver does not end cannot vote.
                    before.standbys().forEach(standby -> held.stop(standby, "walreceiver"));
                    cluster.await("the intent is written", seen -> before.isOver(seen) && intent(seen) != null);
                }
                case VOTED -> awaitVotes(cluster, before);
                case TARGET_CHOSEN -> {
                    awaitVotes(cluster, before);
                    // Who promotes itself within the standby stands still.
                    before.standbys().forEach(standby -> held.stop(standby, "startup"));
                    cluster.await(
                            "the target is chosen", seen -> seen.getStatus().target() != null);
                }
                case ROUTED -> cluster.awaitRoutedElsewhere(before.primary());
                case PROMOTED -> awaitPromoted(cluster, before);
            }
        }

        private static void awaitVotes(Cluster cluster, Before before) {
            Eventually.soon(
                    "the standbys have voted",
                    () -> assertThat(before.standbys()).allMatch(member -> before.hasVoted(cluster, member)));
        }

        /** The kill was in time. */
        private void isStillSo(Cluster cluster, Before before) {
            PostgresCluster seen = cluster.get();
            switch (this) {
                case INTENT_WRITTEN, VOTED -> {
                    assertThat(intent(seen)).as("the intent").isNotNull();
                    assertThat(seen.getStatus().target())
                            .as("chosen before the kill")
                            .isNull();
                }
                case TARGET_CHOSEN -> {
                    assertThat(seen.getStatus().target()).as("the chosen one").isNotNull();
                    assertThat(before.standbys())
                            .as("promoted before the kill")
                            .allMatch(member -> cluster.superuser(member, "select pg_is_in_recovery()")
                                    .equals("t"));
                }
                case ROUTED, PROMOTED -> {}
            }
        }

        private static PostgresClusterStatus.@Nullable Intent intent(PostgresCluster seen) {
            return seen.getStatus().intent();
        }
    }

    private static void awaitPromoted(Cluster cluster, Before before) {
        cluster.await("it is promoted", seen -> before.isOver(seen) && Step.intent(seen) == null);
    }

    /** Processes that were stopped, until it is closed. */
    private static final class Held implements AutoCloseable {
        private final Cluster cluster;
        private final Site site;
        private final Set<String> members = new TreeSet<>();

        Held(Cluster cluster, Site site) {
            this.cluster = cluster;
            this.site = site;
        }

        void stop(String member, String child) {
            members.add(member);
            site.processes(cluster, member).stop(child);
        }

        @Override
        public void close() {
            members.forEach(member -> site.processes(cluster, member).continuePostgres());
        }
    }

    private record Before(long epoch, String primary, List<String> standbys) {
        static Before of(Cluster cluster) {
            return new Before(Objects.requireNonNull(cluster.status().epoch()), cluster.primary(), cluster.standbys());
        }

        boolean isOver(PostgresCluster seen) {
            Long now = seen.getStatus().epoch();
            return now != null && now > epoch;
        }

        boolean hasVoted(Cluster cluster, String member) {
            return cluster.superuser(
                            member,
                            "select current_setting('primacy.epoch')::bigint > " + epoch
                                    + " and current_setting('primary_conninfo') = ''")
                    .equals("t");
        }
    }

    @Test
    void aFailoverGoesOnWhereItWas(Space space, Site site) throws SQLException {
        failsOverThoughTheOperatorIsKilledAt(Step.TARGET_CHOSEN, space, site);
    }

    @Full
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TARGET_CHOSEN")
    void aFailoverGoesOnFromEveryOtherStep(Step step, Space space, Site site) throws SQLException {
        failsOverThoughTheOperatorIsKilledAt(step, space, site);
    }

    private static void failsOverThoughTheOperatorIsKilledAt(Step step, Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Before before = Before.of(cluster);
        Node node = site.nodeOf(cluster, before.primary());
        // It cannot be chosen itself, and it takes seconds after the votes until it is fenced.
        site.testbed().faults().disconnect(node);
        try (Held held = new Held(cluster, site)) {
            step.await(cluster, before, held);
            site.crashOperator();
            step.isStillSo(cluster, before);
        }
        workload.awaitTimelineAfter(timeline);
        site.testbed().faults().reconnect(node);
        site.operator().start();
        cluster.await("it is Ready", Duration.ofMinutes(3), Cluster::isReady);
        workload.end().holds("operator killed at " + step, Tolerance.LAST_MOMENTS);
    }

    /** How far a switchover is then: the chosen target stands in the intent from the beginning, and nobody votes. */
    enum HandoverStep {
        STOPPING,
        ROUTED,
        OVER;

        private void await(Cluster cluster, Before before) {
            switch (this) {
                case STOPPING ->
                    cluster.await("the intent is written", seen -> before.isOver(seen) && Step.intent(seen) != null);
                case ROUTED -> cluster.awaitRoutedElsewhere(before.primary());
                case OVER -> awaitPromoted(cluster, before);
            }
        }
    }

    @Full
    @ParameterizedTest
    @EnumSource
    void aSwitchoverGoesOnWhereItWas(HandoverStep step, Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Before before = Before.of(cluster);
        try (Held held = new Held(cluster, site)) {
            if (step == HandoverStep.STOPPING) {
                // It writes the last checkpoint, without which the old primary does not end.
                held.stop(before.primary(), "checkpointer");
            }
            cluster.annotate("primacy.dev/switchover", before.standbys().getFirst());
            step.await(cluster, before);
            site.crashOperator();
            if (step == HandoverStep.STOPPING) {
                assertThat(Step.intent(cluster.get())).as("the switchover").isNotNull();
                assertThat(workload.timeline()).as("promoted before the kill").isEqualTo(timeline);
            }
        }
        workload.awaitTimelineAfter(timeline);
        site.operator().start();
        cluster.awaitReady();
        workload.end().holds("operator killed in a switchover at " + step);
    }

    @Full
    @Test
    void aMinuteWithoutTheApiServerHarmsNobody(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        long began = System.nanoTime();
        site.testbed().faults().stopApiServer();
        try {
            Eventually.throughout(Duration.ofSeconds(60), "writes go on", workload::awaitProgress);
        } finally {
            site.testbed().faults().startApiServer();
        }
        site.operator().start();
        cluster.await("it is Ready", Duration.ofMinutes(3), Cluster::isReady);
        assertThat(workload.longestGapSince(began)).isLessThan(Duration.ofSeconds(1));
        workload.end().holds("60 s without the API server");
        assertThat(workload.timeline()).as("nobody was promoted").isEqualTo(timeline);
    }

    /** Without the store of decisions nobody is promoted; what was begun is finished when it is back. */
    @Full
    @Test
    void aFailoverWaitsForTheApiServer(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Processes primary = site.processes(cluster, cluster.primary());
        promotesNobodyWithoutTheApiServer(site, workload, timeline, primary::killPostmaster);
        site.operator().start();
        cluster.await("it is Ready", Duration.ofMinutes(3), Cluster::isReady);
        workload.end().holds("API server down during a failover");
    }

    /** The lost node has to be silent for longer than it may have led by itself; meanwhile the choice cannot be written down. */
    @Full
    @Test
    void aFailoverThatHasBegunWaitsForTheApiServer(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Before before = Before.of(cluster);
        Node node = site.nodeOf(cluster, before.primary());
        site.testbed().faults().disconnect(node);
        try (Held held = new Held(cluster, site)) {
            Step.INTENT_WRITTEN.await(cluster, before, held);
        }
        promotesNobodyWithoutTheApiServer(
                site,
                workload,
                timeline,
                () -> assertThat(workload.timeline())
                        .as("nobody was promoted before")
                        .isEqualTo(timeline));
        site.testbed().faults().reconnect(node);
        site.operator().start();
        cluster.await("it is Ready", Duration.ofMinutes(3), Cluster::isReady);
        workload.end().holds("API server down between intent and promotion", Tolerance.LAST_MOMENTS);
    }

    /** Nobody is promoted before the API server is back, and somebody then. */
    private static void promotesNobodyWithoutTheApiServer(
            Site site, Workload workload, int timeline, Runnable onceItIsDown) {
        site.testbed().faults().stopApiServer();
        try {
            onceItIsDown.run();
            Eventually.throughout(
                    Duration.ofSeconds(15),
                    "nobody is promoted",
                    () -> assertThat(workload.timeline()).isEqualTo(timeline));
        } finally {
            site.testbed().faults().startApiServer();
        }
        workload.awaitTimelineAfter(timeline);
    }

    /** It stands still while the other takes over and fails over; then it goes on where it was, sure that it leads. */
    @Full
    @Test
    void anOperatorThatSleptThroughItsReplacementHasNoEffect(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        Processes sleeper = site.processes(site.operator().leaderPod());
        String leader = site.operator().leader().orElseThrow();
        String container = site.operator().containerOf(leader);
        assertThat(sleeper.signal("java", "STOP"))
                .as("processes of the leading operator")
                .isPositive();
        try {
            site.processes(cluster, cluster.primary()).killPostmaster();
            workload.awaitTimelineAfter(timeline);
            assertThat(site.operator().leader()).isPresent().get().isNotEqualTo(leader);
            assertThat(site.operator().containerOf(leader))
                    .as("nobody has replaced the one that sleeps, so that it is the one that wakes")
                    .isEqualTo(container);
        } finally {
            assertThat(sleeper.signal("java", "CONT"))
                    .as("processes that go on")
                    .isPositive();
        }
        long woken = System.nanoTime();
        int after = workload.timeline();
        Eventually.throughout(Duration.ofSeconds(10), "writes go on", workload::awaitProgress);
        assertThat(workload.longestGapSince(woken)).isLessThan(Duration.ofSeconds(1));
        assertThat(workload.timeline()).as("nobody was promoted again").isEqualTo(after);
        site.operator().start();
        cluster.awaitReady();
        workload.end().holds("two operators that believe they lead");
    }

    /** Who takes over from the leading operator finds the Secret missing, and everything else in the cluster's own. */
    @Full
    @Test
    void aFailoverDoesNotWaitForAnAuthorityThatTheUserDeleted(Space space, Site site) throws SQLException {
        Authority authority = Authority.create("company", Duration.ofDays(30));
        space.secret("company-ca", "kubernetes.io/tls", Map.of("tls.crt", authority.pem(), "tls.key", authority.key()));
        Cluster cluster = space.apply("orders", Specs.TWO + "\ntls: {caSecretRef: company-ca}")
                .awaitReady()
                .seed();
        space.client()
                .secrets()
                .inNamespace(space.name())
                .withName("company-ca")
                .delete();
        cluster.await(
                "the status says what is missing",
                seen -> Cluster.says(seen, "company-ca (spec.tls.caSecretRef) is missing"));
        int timeline = cluster.timeline();
        String leader = site.operator().leader().orElseThrow();
        site.operator().killLeader();
        Eventually.soon(
                "another operator leads",
                () -> assertThat(site.operator().leader()).isPresent().get().isNotEqualTo(leader));
        cluster.podResource(cluster.primary()).delete();
        cluster.awaitTimelineAfter(timeline);
        assertThat(cluster.sql().columnOnceItAnswers("select count(*) from seed"))
                .containsExactly("1");
        space.secret("company-ca", "kubernetes.io/tls", Map.of("tls.crt", authority.pem(), "tls.key", authority.key()));
        cluster.awaitReady();
    }
}
