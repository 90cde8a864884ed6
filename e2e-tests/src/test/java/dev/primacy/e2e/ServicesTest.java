package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
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

    /** The test plays the cloud's part, which writes into a status that is not the operator's. */
    @Test
    void aLoadBalancerIsAskedForAndWhatTheCloudSaysOfItStays(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO + """

                        services:
                          readWrite:
                            type: LoadBalancer
                            annotations: {cloud.example/internal: "true"}
                            loadBalancerSourceRanges: [0.0.0.0/0]
                            externalTrafficPolicy: Local
                          readOnly: {type: NodePort, annotations: {team: reports}}
                        """).awaitReady().seed();
        ServiceSpec asked = service(space).getSpec();
        assertThat(asked.getType()).isEqualTo("LoadBalancer");
        assertThat(asked.getLoadBalancerSourceRanges()).containsExactly("0.0.0.0/0");
        assertThat(asked.getExternalTrafficPolicy()).isEqualTo("Local");
        assertThat(service(space).getMetadata().getAnnotations()).containsEntry("cloud.example/internal", "true");
        space.client()
                .resource(service(space))
                .editStatus(service -> new ServiceBuilder(service)
                        .editOrNewStatus()
                        .editOrNewLoadBalancer()
                        .addNewIngress()
                        .withIp("203.0.113.7")
                        .endIngress()
                        .endLoadBalancer()
                        .endStatus()
                        .build());

        // Only the node of a member forwards to it.
        String target = cluster.standbys().getFirst();
        cluster.switchOverTo(target);
        String node = cluster.pod(target).getStatus().getHostIP();
        int port = asked.getPorts().getFirst().getNodePort();
        Eventually.soon(
                "the new primary answers at its node",
                () -> assertThat(cluster.at(node, port).value("select pg_is_in_recovery()"))
                        .isEqualTo("f"));
        assertThat(service(space).getStatus().getLoadBalancer().getIngress())
                .as("what the cloud wrote")
                .extracting(LoadBalancerIngress::getIp)
                .containsExactly("203.0.113.7");

        Service reads = service(space, "orders-ro");
        assertThat(reads.getMetadata().getAnnotations()).containsEntry("team", "reports");
        int readPort = reads.getSpec().getPorts().getFirst().getNodePort();
        for (String address : nodes(space)) {
            Eventually.soon(
                    "a standby answers at " + address,
                    () -> assertThat(cluster.at(address, readPort).value("select pg_is_in_recovery()"))
                            .isEqualTo("t"));
        }
    }

    private static Service service(Space space) {
        return service(space, "orders-rw");
    }

    private static Service service(Space space, String name) {
        return Objects.requireNonNull(space.client()
                .services()
                .inNamespace(space.name())
                .withName(name)
                .get());
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
