package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a cluster is reached from outside Kubernetes. */
@EndToEnd
class ServicesTest {

    @Test
    void aNodePortLeadsToThePrimaryFromEveryNode(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        cluster.change("services: {readWrite: {type: NodePort, annotations: {team: shop}}}");
        Eventually.soon("-rw is a NodePort", () -> {
            Service service = service(space);
            assertThat(service.getSpec().getType()).isEqualTo("NodePort");
            assertThat(service.getMetadata().getAnnotations()).containsEntry("team", "shop");
            assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isNotNull();
        });
        int port = service(space).getSpec().getPorts().getFirst().getNodePort();
        for (String address : nodes(space)) {
            Eventually.soon(
                    "the primary answers at " + address,
                    () -> assertThat(cluster.at(address, port).value("select pg_is_in_recovery()"))
                            .isEqualTo("f"));
        }

        cluster.change("services: null");
        Eventually.soon(
                "-rw is reached from within Kubernetes alone",
                () -> assertThat(service(space).getSpec().getType()).isEqualTo("ClusterIP"));
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("1");
    }

    private static Service service(Space space) {
        return space.client()
                .services()
                .inNamespace(space.name())
                .withName("orders-rw")
                .get();
    }

    private static List<String> nodes(Space space) {
        return space.client().nodes().list().getItems().stream()
                .map(Node::getStatus)
                .flatMap(status -> status.getAddresses().stream())
                .filter(address -> address.getType().equals("InternalIP"))
                .map(address -> address.getAddress())
                .toList();
    }
}
