package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EndToEnd
class DeletionTest {
    private static final Duration GONE = Duration.ofSeconds(60);

    @Test
    void retainKeepsClaimsAndPasswordAndTheNextClusterTakesThemUp(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String password = cluster.sql().password();
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        long epoch = Objects.requireNonNull(cluster.status().epoch());
        String authority = space.secretData("orders-ca").get("tls.crt");
        // As Argo CD prunes: what the cluster owns, with blockOwnerDeletion, goes before it.
        cluster.resource().withPropagationPolicy(DeletionPropagation.FOREGROUND).delete();
        cluster.awaitGone();
        Eventually.within(
                GONE,
                "nothing is left but what Retain promises",
                () -> assertThat(space.objectsOf("orders"))
                        .containsExactly(
                                "PersistentVolumeClaim/data-orders-1",
                                "PersistentVolumeClaim/data-orders-2",
                                "Secret/orders-app",
                                "Secret/orders-ca"));

        Cluster again = space.apply("orders", Specs.TWO).awaitReady();
        assertThat(again.sql().value("select count(*) from seed")).isEqualTo("1");
        assertThat(again.sql().password()).isEqualTo(password);
        assertThat(space.secretData("orders-ca").get("tls.crt"))
                .as("whom clients trust")
                .isEqualTo(authority);
        assertThat(again.status().systemId()).as("no second initdb").isEqualTo(systemId);
        assertThat(again.status().epoch()).isGreaterThan(epoch);
        again.sql().run("insert into seed values (2)");
        Eventually.soon(
                "the standby follows",
                () -> assertThat(again.sqlOn(again.standbys().getFirst()).value("select count(*) from seed"))
                        .isEqualTo("2"));
    }

    @Test
    void aClusterWhoseTimeIsUpLeavesWhatRetainPromises(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE + "\nttlSecondsAfterCreation: 30")
                .awaitReady()
                .seed();
        Instant created = Instant.parse(cluster.get().getMetadata().getCreationTimestamp());
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        Eventually.within(
                GONE, "it is gone", () -> assertThat(cluster.resource().get()).isNull());
        assertThat(Duration.between(created, Instant.now()))
                .as("its life, as far as two clocks can tell")
                .isGreaterThan(Duration.ofSeconds(28));
        assertThat(cluster.events()).contains("Expired: Deleting the cluster: ttlSecondsAfterCreation = 30 has passed");
        Eventually.within(
                GONE,
                "nothing is left but what Retain promises",
                () -> assertThat(space.objectsOf("orders"))
                        .containsExactly(
                                "PersistentVolumeClaim/data-orders-1", "Secret/orders-app", "Secret/orders-ca"));

        Cluster again = space.apply("orders", Specs.ONE).awaitReady();
        assertThat(again.sql().value("select count(*) from seed")).isEqualTo("1");
        assertThat(again.status().systemId()).as("no second initdb").isEqualTo(systemId);
    }

    @Test
    void deleteLeavesNothing(Space space) throws SQLException {
        Cluster cluster = space.apply(
                        "orders", Specs.TWO + "\ndeletionPolicy: Delete\nconnectionSecrets: [{name: copy}]")
                .awaitReady()
                .seed();
        cluster.delete();
        cluster.awaitGone();
        Eventually.within(GONE, "nothing is left", () -> {
            assertThat(space.objectsOf("orders")).isEmpty();
            assertThat(space.client()
                            .secrets()
                            .inNamespace(space.name())
                            .withName("copy")
                            .get())
                    .isNull();
        });
    }

    private static void leavesNothing(Cluster cluster, Space space) {
        cluster.delete();
        cluster.awaitGone();
        Eventually.within(
                GONE,
                "nothing is left",
                () -> assertThat(space.objectsOf("orders")).isEmpty());
    }

    /** How far the bootstrap is when the cluster is deleted. */
    enum Moment {
        AT_ONCE,
        SEEN,
        INITIALISED,
        STANDBY_CLONES;

        boolean isReached(PostgresCluster seen) {
            return switch (this) {
                case AT_ONCE -> true;
                case SEEN -> !Objects.equals(seen.getStatus().observedGeneration(), -1L);
                case INITIALISED -> seen.getStatus().systemId() != null;
                case STANDBY_CLONES -> seen.getStatus().primary() != null && !Cluster.isReady(seen);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void isPossibleAtAnyMoment(Moment moment, Space space) {
        Cluster cluster = space.apply("orders", Specs.TWO + "\ndeletionPolicy: Delete");
        cluster.await("moment " + moment, moment::isReached);
        leavesNothing(cluster, space);
    }

    /** What a cluster that runs is in the middle of when it is deleted. */
    enum Change {
        FAILOVER,
        SWITCHOVER,
        SCALING_UP,
        SCALING_DOWN,
        RESTART,
        REBUILD,
        PAUSE;

        void begin(Cluster cluster) {
            switch (this) {
                case FAILOVER ->
                    cluster.podResource(cluster.primary()).withGracePeriod(0).delete();
                case SWITCHOVER ->
                    cluster.annotate(
                            "primacy.dev/switchover", cluster.standbys().getFirst());
                case SCALING_UP -> cluster.change("instances: 3");
                case SCALING_DOWN -> cluster.change("instances: 1");
                case RESTART -> cluster.change("postgresql: {parameters: {max_connections: '150'}}");
                case REBUILD ->
                    cluster.annotate("primacy.dev/rebuild", cluster.standbys().getFirst());
                case PAUSE -> cluster.change("paused: true");
            }
        }
    }

    @Full
    @ParameterizedTest
    @EnumSource
    void isPossibleInTheMiddleOfAnything(Change change, Space space) throws InterruptedException {
        Cluster cluster =
                space.apply("orders", Specs.TWO + "\ndeletionPolicy: Delete").awaitReady();
        change.begin(cluster);
        Thread.sleep(Duration.ofMillis(300)); // to whatever the operator is about to do by then
        leavesNothing(cluster, space);
    }
}
