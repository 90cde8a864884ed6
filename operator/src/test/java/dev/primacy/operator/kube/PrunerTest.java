package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PrunerTest {
    private static final Names ORDERS = new Names("shop", "orders");

    private StubApi api;
    private ClusterCache cache;
    private Pruner pruner;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
        cache = new ClusterCache(api.client(), Set.of("shop"), cluster -> {}, (cluster, member) -> {});
        pruner = new Pruner(api.client(), cache);
    }

    @AfterEach
    void stop() {
        cache.close();
        api.close();
    }

    @Test
    @DisplayName("what is not desired any more goes, what is desired stays")
    void notDesired() {
        ConfigMap desired = configMap("orders-config");
        there(desired);
        there(configMap("client-override"));
        there(new SecretBuilder().withMetadata(ours("client")).build());
        there(new NetworkPolicyBuilder().withMetadata(ours("orders")).build());
        there(new PodDisruptionBudgetBuilder().withMetadata(ours("orders")).build());
        pruner.prune(ORDERS, List.of(desired));
        assertThat(api.writes())
                .containsExactlyInAnyOrder(
                        "DELETE configmaps/client-override",
                        "DELETE secrets/client",
                        "DELETE networkpolicies/orders",
                        "DELETE poddisruptionbudgets/orders");
    }

    @Test
    @DisplayName("data and what runs on it never go by pruning, though nothing is desired")
    void never() {
        there(new PersistentVolumeClaimBuilder()
                .withMetadata(ours("data-orders-1-0"))
                .build());
        there(new StatefulSetBuilder().withMetadata(ours("orders-1")).build());
        there(new ServiceBuilder().withMetadata(ours("orders-rw")).build());
        there(pod("orders-script-1"));
        pruner.prune(ORDERS, List.of());
        assertThat(api.writes()).isEmpty();
    }

    @Test
    @DisplayName("what the operator did not render is the user's, whatever its labels say")
    void users() {
        ConfigMap theirs = configMap("their-own");
        theirs.getMetadata().setAnnotations(null);
        there(theirs);
        pruner.prune(ORDERS, List.of());
        assertThat(api.writes()).isEmpty();
    }

    @Test
    @DisplayName("what belongs to another cluster stays")
    void otherClusters() {
        ConfigMap other = configMap("billing-config");
        other.getMetadata().getLabels().put(Labels.CLUSTER, "billing");
        there(other);
        pruner.prune(ORDERS, List.of());
        assertThat(api.writes()).isEmpty();
    }

    @Test
    @DisplayName("a script stays as long as a pod mounts it")
    void mounted() {
        there(configMap("orders-script-1"));
        there(configMap("orders-script-2"));
        there(pod("orders-script-1"));
        pruner.prune(ORDERS, List.of());
        assertThat(api.writes()).containsExactly("DELETE configmaps/orders-script-2");
    }

    /** The user took the name out of connectionSecrets and made a Secret of their own under it; the watch has not told yet. */
    @Test
    @DisplayName("what was made under the same name since stays, and the others go all the same")
    void anotherOfTheSameName() {
        ConfigMap ours = configMap("client-override");
        there(ours);
        there(new SecretBuilder().withMetadata(ours("client")).build());
        ConfigMap theirs = new ConfigMapBuilder(ours)
                .editMetadata()
                .withUid("another")
                .withResourceVersion("9")
                .endMetadata()
                .build();
        api.holds(theirs);
        pruner.prune(ORDERS, List.of());
        assertThat(api.held(theirs)).isPresent();
        assertThat(api.writes()).contains("DELETE secrets/client");
    }

    @Test
    @DisplayName("what could not be removed is tried again by the next pass")
    void failed() {
        there(configMap("client-override"));
        there(new SecretBuilder().withMetadata(ours("client")).build());
        api.fail("DELETE configmaps", 2, StubApi.Failure.of(500, "etcd has no leader"));
        pruner.prune(ORDERS, List.of());
        assertThat(api.held(configMap("client-override"))).isPresent();
        assertThat(api.writes()).contains("DELETE secrets/client");
        pruner.prune(ORDERS, List.of());
        assertThat(api.held(configMap("client-override"))).isEmpty();
    }

    /** In the API server, and told of by the watch. */
    private void there(HasMetadata item) {
        api.holds(item);
        cache.written(item);
    }

    private static ConfigMap configMap(String name) {
        return new ConfigMapBuilder().withMetadata(ours(name)).build();
    }

    private static Pod pod(String script) {
        return new PodBuilder()
                .withMetadata(ours("orders-1-0"))
                .withNewSpec()
                .addNewVolume()
                .withName("script")
                .withNewConfigMap()
                .withName(script)
                .endConfigMap()
                .endVolume()
                .addNewVolume()
                .withName("run")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec()
                .build();
    }

    private static ObjectMeta ours(String name) {
        return new ObjectMetaBuilder()
                .withNamespace("shop")
                .withName(name)
                .withUid("uid-of-" + name)
                .withResourceVersion("7")
                .addToLabels(Labels.CLUSTER, "orders")
                .addToAnnotations(Labels.HASH, "abc")
                .build();
    }
}
