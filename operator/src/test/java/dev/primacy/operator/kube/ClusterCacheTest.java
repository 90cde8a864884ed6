package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How long the end of a container is remembered. Here only the operator's own writes are on the shelves. */
class ClusterCacheTest {
    private static final Names ORDERS = new Names("shop", "orders");
    private static final String CONTAINER = "00000000-0000-4000-8000-000000000001";

    private final List<Names> woken = new ArrayList<>();
    private StubApi api;
    private ClusterCache cache;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
        cache = new ClusterCache(api.client(), Set.of("shop"), woken::add, (cluster, member) -> {});
    }

    @AfterEach
    void stop() {
        cache.close();
        api.close();
    }

    @Test
    @DisplayName("while anything of the cluster is there the end of a container stays a proof, though its pod is gone")
    void stays() {
        cache.listed();
        cache.written(new ServiceBuilder().withMetadata(meta("orders-rw")).build());
        podGoes();
        assertThat(cache.endedContainers(ORDERS)).containsExactly(CONTAINER);
        assertThat(woken).containsExactly(ORDERS);
    }

    @Test
    @DisplayName(
            "with the last object of a cluster its ended containers go, also where nobody is told of the cluster's end")
    void goes() {
        cache.listed();
        podGoes();
        assertThat(cache.endedContainers(ORDERS)).isEmpty();
        assertThat(woken).containsExactly(ORDERS);
    }

    @Test
    @DisplayName("what outlives a cluster that is retained does not keep its ended containers")
    void retained() {
        cache.listed();
        cache.written(new PersistentVolumeClaimBuilder()
                .withMetadata(meta("data-orders-1"))
                .build());
        cache.written(new SecretBuilder().withMetadata(meta("orders-ca")).build());
        podGoes();
        assertThat(cache.endedContainers(ORDERS)).isEmpty();
    }

    @Test
    @DisplayName("before everything was listed nothing is taken to be gone")
    void notListed() {
        podGoes();
        assertThat(cache.endedContainers(ORDERS)).containsExactly(CONTAINER);
    }

    private void podGoes() {
        cache.told(pod());
        cache.changed(ORDERS);
    }

    private static Pod pod() {
        return new PodBuilder()
                .withMetadata(meta("orders-1-0"))
                .withNewStatus()
                .addNewContainerStatus()
                .withName("postgres")
                .withState(new ContainerStateBuilder()
                        .withNewTerminated()
                        .withMessage("container " + CONTAINER + "\n")
                        .withReason("Error")
                        .withExitCode(137)
                        .endTerminated()
                        .build())
                .endContainerStatus()
                .endStatus()
                .build();
    }

    private static ObjectMeta meta(String name) {
        return new ObjectMetaBuilder()
                .withNamespace("shop")
                .withName(name)
                .withUid("uid-of-" + name)
                .withResourceVersion("1")
                .addToLabels(Labels.CLUSTER, "orders")
                .build();
    }
}
