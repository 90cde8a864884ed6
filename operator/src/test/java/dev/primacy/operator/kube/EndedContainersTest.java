package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EndedContainersTest {
    private final EndedContainers ended = new EndedContainers();

    @Test
    @DisplayName("a container whose end the kubelet reported is known, also after a restart hid it in the last state")
    void reported() {
        ended.see(pod("00000000-0000-4000-8000-000000000001", "Error"));
        assertThat(ended.of(new Names("shop", "orders"))).containsExactly("00000000-0000-4000-8000-000000000001");
    }

    @Test
    @DisplayName("ContainerStatusUnknown is no report of an end (rule 3)")
    void unknown() {
        ended.see(pod("00000000-0000-4000-8000-000000000001", "ContainerStatusUnknown"));
        assertThat(ended.of(new Names("shop", "orders"))).isEmpty();
    }

    @Test
    @DisplayName("an end with other last words proves nothing")
    void otherWords() {
        ended.see(pod("oom", "OOMKilled"));
        assertThat(ended.of(new Names("shop", "orders"))).isEmpty();
    }

    @Test
    @DisplayName("a pod of another namespace proves nothing, whatever its labels say")
    void elsewhere() {
        Pod stranger = pod("00000000-0000-4000-8000-000000000001", "Error");
        stranger.getMetadata().setNamespace("attic");
        stranger.getMetadata().getLabels().put(Labels.CLUSTER_NAMESPACE, "shop");
        ended.see(stranger);
        assertThat(ended.of(new Names("shop", "orders"))).isEmpty();
    }

    @Test
    @DisplayName("only so many are remembered")
    void bounded() {
        for (int i = 0; i < 200; i++) {
            ended.see(pod("00000000-0000-4000-8000-%012d".formatted(i), "Error"));
        }
        assertThat(ended.of(new Names("shop", "orders")))
                .hasSizeLessThan(100)
                .contains("00000000-0000-4000-8000-000000000199")
                .doesNotContain("00000000-0000-4000-8000-000000000000");
    }

    private static Pod pod(String container, String reason) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("orders-1-0")
                .addToLabels(Labels.CLUSTER, "orders")
                .endMetadata()
                .withNewStatus()
                .addNewContainerStatus()
                .withName("postgres")
                .withLastState(new ContainerStateBuilder()
                        .withNewTerminated()
                        .withContainerID("containerd://1")
                        .withMessage("container " + container + "\n")
                        .withReason(reason)
                        .withExitCode(137)
                        .endTerminated()
                        .build())
                .endContainerStatus()
                .endStatus()
                .build();
    }
}
