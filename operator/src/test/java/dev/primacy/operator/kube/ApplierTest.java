package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is settled is not compared again; so a difference that is brought back shows that it was forgotten. */
class ApplierTest {
    private static final Names ORDERS = new Names("shop", "orders");

    private StubApi api;
    private ClusterCache cache;
    private Applier applier;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
        cache = new ClusterCache(api.client(), Set.of("shop"), cluster -> {}, (cluster, member) -> {});
        applier = new Applier(api.client(), cache, Kubernetes.mapper());
    }

    @AfterEach
    void stop() {
        cache.close();
        api.close();
    }

    @Test
    @DisplayName(
            "of a cluster that is gone nothing is remembered, whatever its objects are called and wherever they are")
    void forgotten() {
        Map<String, String> elsewhere = Map.of(Labels.CLUSTER, "orders", Labels.CLUSTER_NAMESPACE, "shop");
        settle("billing", "client", elsewhere);
        settle("shop", "client", Map.of(Labels.CLUSTER, "orders"));

        applier.forget(ORDERS);

        applier.apply(List.of(
                secret("billing", "client", elsewhere, "b"),
                secret("shop", "client", Map.of(Labels.CLUSTER, "orders"), "b")));
        assertThat(api.writes()).containsExactly("PATCH secrets/client", "PATCH secrets/client");
    }

    @Test
    @DisplayName(
            "what belongs to another cluster stays remembered, though its name contains that of the one that is gone")
    void othersStay() {
        settle("shop", "old-orders-app", Map.of(Labels.CLUSTER, "old-orders"));
        settle("billing", "orders-app", Map.of(Labels.CLUSTER, "orders"));

        applier.forget(ORDERS);

        applier.apply(List.of(
                secret("shop", "old-orders-app", Map.of(Labels.CLUSTER, "old-orders"), "b"),
                secret("billing", "orders-app", Map.of(Labels.CLUSTER, "orders"), "b")));
        assertThat(api.writes()).isEmpty();
    }

    private void settle(String namespace, String name, Map<String, String> labels) {
        applier.apply(List.of(secret(namespace, name, labels, "a")));
        assertThat(api.writes()).containsExactly("PATCH secrets/" + name);
        applier.apply(List.of(secret(namespace, name, labels, "b")));
        assertThat(api.writes()).as("settled").hasSize(1);
        api.forgetRequests();
    }

    private static HasMetadata secret(String namespace, String name, Map<String, String> labels, String value) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withLabels(labels)
                .addToAnnotations(Labels.HASH, "h")
                .endMetadata()
                .withData(Map.of("key", value))
                .build();
    }
}
