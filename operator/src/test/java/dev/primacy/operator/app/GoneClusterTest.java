package dev.primacy.operator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.kube.Applier;
import dev.primacy.operator.kube.ClusterCache;
import dev.primacy.operator.kube.EventSink;
import dev.primacy.operator.kube.Kubernetes;
import dev.primacy.operator.kube.Lives;
import dev.primacy.operator.kube.SecretKeeper;
import dev.primacy.operator.kube.StatusWriter;
import dev.primacy.operator.kube.StubApi;
import dev.primacy.operator.kube.UserSecrets;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.monitor.Leadership;
import dev.primacy.operator.monitor.Monitors;
import dev.primacy.operator.monitor.Watch;
import dev.primacy.operator.postgres.Endpoint;
import dev.primacy.operator.postgres.Servers;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A resource whose finalizer is taken out by hand goes without a call to cleanup; the SDK tells that it went. */
class GoneClusterTest {
    private static final Names ORDERS = new Names("shop", "orders");

    private final Lease lease = new Lease();
    private StubApi api;
    private ClusterCache cache;
    private UserSecrets userSecrets;
    private EventSink events;
    private Monitors<Names> monitors;
    private Passes passes;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
        cache = new ClusterCache(api.client(), Set.of("shop"), cluster -> {}, (cluster, member) -> {});
        userSecrets = new UserSecrets(api.client(), cluster -> {});
        events = new EventSink(api.client(), "operator-1");
        monitors = new Monitors<>(() -> Duration.ofNanos(System.nanoTime()), lease, cluster -> {});
        passes = passes();
        api.holds(cluster("1"));
    }

    @AfterEach
    void stop() {
        monitors.close();
        events.close();
        userSecrets.close();
        cache.close();
        api.close();
    }

    @Test
    @DisplayName("nobody looks at its members any more, metrics tell nothing of it, and nothing of it is remembered")
    void forgotten() {
        passes.run(ORDERS);
        watch();
        Memory before = passes.memory(ORDERS);
        assertThat(passes.known()).hasSize(1);

        hook().onResourceDeleted(cluster("1"));

        assertThat(passes.known()).isEmpty();
        assertThat(monitors.observation(ORDERS)).isEmpty();
        assertThat(passes.inNamespace("shop")).isEmpty();
        assertThat(passes.memory(ORDERS)).isNotSameAs(before);
    }

    @Test
    @DisplayName("a pass that is under way meanwhile leaves nothing behind either")
    void underWay() {
        passes.memory(ORDERS).raised(5);
        lease.whenAsked = () -> hook().onResourceDeleted(cluster("1"));

        passes.run(ORDERS);

        assertThat(api.writes()).as("the pass went on").contains("PUT postgresclusters/orders/status");
        assertThat(passes.known()).isEmpty();
        assertThat(passes.inNamespace("shop")).isEmpty();
    }

    @Test
    @DisplayName("one that was made anew under its name while nobody heard of it begins with nothing")
    void madeAnew() {
        passes.run(ORDERS);
        watch();

        hook().onResourceUpdated(cluster("1"), cluster("1"));
        assertThat(monitors.observation(ORDERS)).isNotEmpty();

        hook().onResourceUpdated(cluster("2"), cluster("1"));
        assertThat(monitors.observation(ORDERS)).isEmpty();
        assertThat(passes.inNamespace("shop")).isEmpty();
    }

    @Test
    @DisplayName(
            "the end of one that is told late does not make forget what was granted to another of its name (rule 3)")
    void another() {
        watch();
        Memory memory = passes.memory(ORDERS);
        memory.saw(view("2"));

        hook().onResourceDeleted(cluster("1"));

        assertThat(monitors.observation(ORDERS)).isNotEmpty();
        assertThat(passes.memory(ORDERS)).isSameAs(memory);
    }

    private void watch() {
        monitors.update(
                ORDERS,
                Servers.connector("operator-1"),
                new Watch(List.of(new Endpoint("orders-1", "127.0.0.1", 1, null)), 0, null, false));
        await().until(() -> !monitors.observation(ORDERS).isEmpty());
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // of the SDK's context nothing is used
    private ResourceEventAware<PostgresCluster> hook() {
        ClusterReconciler reconciler = new ClusterReconciler(passes, new Metrics(() -> true, uid -> Optional.empty()));
        return (ResourceEventAware<PostgresCluster>)
                reconciler.prepareEventSources(null).getFirst();
    }

    /** It waits for a Secret, which ends its pass early. */
    private static PostgresCluster cluster(String uid) {
        return Serialization.unmarshal("""
                apiVersion: primacy.dev/v1
                kind: PostgresCluster
                metadata:
                  name: orders
                  namespace: shop
                  uid: "%s"
                  resourceVersion: "7"
                  generation: 1
                  creationTimestamp: "2026-01-01T00:00:00Z"
                spec: {instances: 1, passwordSecretRef: {name: given, key: password}}
                """.formatted(uid), PostgresCluster.class);
    }

    private static ClusterView view(String uid) {
        return new ClusterView(
                ORDERS,
                uid,
                Instant.EPOCH,
                1,
                cluster(uid).getSpec(),
                PostgresClusterStatus.NONE,
                Facts.NONE,
                0,
                Duration.ZERO,
                null,
                List.of(),
                List.of(),
                new ClusterView.DesiredConfiguration("c", "c"),
                new ClusterView.Application("a", "", ""),
                Set.of(),
                Map.of(),
                List.of());
    }

    private static final class Lease implements Leadership {
        Runnable whenAsked = () -> {};

        @Override
        public @Nullable Duration confirmedAt() {
            return null;
        }

        @Override
        public boolean isStillHeld() {
            whenAsked.run();
            return true;
        }
    }

    /** Of what a pass works with, as much as one meets that waits for a Secret. */
    @SuppressWarnings("NullAway")
    private Passes passes() {
        Lives lives = new Lives(Duration.ofDays(10), Duration.ofDays(1));
        return new Passes(new Parts(
                api.client(),
                cache,
                null,
                new SecretKeeper(api.client(), cache, userSecrets, lives),
                new Applier(api.client(), cache, Kubernetes.mapper()),
                null,
                null,
                null,
                new StatusWriter(api.client(), Kubernetes.mapper()),
                events,
                null,
                monitors,
                new Clock(),
                null,
                "",
                "operator-1",
                lease,
                Duration.ZERO));
    }
}
