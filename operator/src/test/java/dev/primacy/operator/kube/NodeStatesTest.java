package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.PodView.NodeState;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NodeStatesTest {

    @Test
    @DisplayName("a cordoned node is about to be drained")
    void cordoned() {
        Node node = new NodeBuilder(ready("True"))
                .editSpec()
                .withUnschedulable(true)
                .endSpec()
                .build();
        assertThat(NodeStates.state(node, List.of())).isEqualTo(NodeState.CORDONED);
    }

    @Test
    @DisplayName("a taint that the pod does not tolerate is a drain; one that it tolerates is its home")
    void tainted() {
        Node node = tainted("example.com/dedicated", "NoSchedule");
        Toleration toleration = new TolerationBuilder()
                .withKey("example.com/dedicated")
                .withOperator("Exists")
                .build();
        assertThat(NodeStates.state(node, List.of())).isEqualTo(NodeState.CORDONED);
        assertThat(NodeStates.state(node, List.of(toleration))).isEqualTo(NodeState.READY);
    }

    @Test
    @DisplayName("pressure on memory or disk is no reason to move the primary")
    void pressure() {
        assertThat(NodeStates.state(tainted("node.kubernetes.io/memory-pressure", "NoSchedule"), List.of()))
                .isEqualTo(NodeState.READY);
    }

    @Test
    @DisplayName("a node that is not heard of is unreachable; one whose kubelet says NotReady is not")
    void unreachable() {
        assertThat(NodeStates.state(ready("Unknown"), List.of())).isEqualTo(NodeState.UNREACHABLE);
        assertThat(NodeStates.state(ready("False"), List.of())).isEqualTo(NodeState.READY);
    }

    @Test
    @DisplayName("out of service, as the administrator vouches, goes before everything")
    void outOfService() {
        Node node = new NodeBuilder(ready("Unknown"))
                .editSpec()
                .addNewTaint("NoExecute", NodeStates.OUT_OF_SERVICE, null, "nodeshutdown")
                .endSpec()
                .build();
        assertThat(NodeStates.state(node, List.of())).isEqualTo(NodeState.OUT_OF_SERVICE);
    }

    private static Node tainted(String key, String effect) {
        return new NodeBuilder(ready("True"))
                .editSpec()
                .addNewTaint()
                .withKey(key)
                .withEffect(effect)
                .endTaint()
                .endSpec()
                .build();
    }

    private static Node ready(String state) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("worker")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(state)
                .endCondition()
                .endStatus()
                .build();
    }
}
