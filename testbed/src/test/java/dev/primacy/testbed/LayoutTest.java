package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private final List<Node> nodes = Layout.nodes("172.30.250");

    @Test
    void thereIsOneServerAndItComesFirst() {
        assertThat(nodes)
                .extracting(Node::role)
                .containsOnlyOnce(Node.Role.SERVER)
                .startsWith(Node.Role.SERVER);
    }

    @Test
    void everyNodeHasAnAddressAContainerAndACgroupOfItsOwn() {
        assertThat(nodes).extracting(Node::address).doesNotHaveDuplicates().allMatch(a -> a.startsWith("172.30.250."));
        assertThat(nodes).extracting(Node::container).doesNotHaveDuplicates();
        assertThat(nodes).extracting(Node::cgroupRoot).doesNotHaveDuplicates().allMatch(root -> root.startsWith("/"));
    }

    @Test
    void theGatewayIsNoNode() {
        assertThat(nodes).extracting(Node::address).doesNotContain("172.30.250.1");
    }

    @Test
    void thePublishedNodeImageIsPinned() {
        assertThat(Layout.k3sImage()).matches("rancher/k3s:v\\d+\\.\\d+\\.\\d+-k3s\\d+");
    }
}
