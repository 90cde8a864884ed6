package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The faults do what they say: a test of a failover that saw no fault would prove nothing. */
@Tag("cluster")
@Tag("e2e-full")
class FaultsTest {
    private static final String NAMESPACE = "testbed-faults";
    private static final int PORT = 5432;
    private static final Duration NOTICED = Duration.ofSeconds(90);

    private static Testbed testbed;
    private static KubernetesClient client;
    private static Node node;
    private static String podUid;
    private static String podAddress;
    private static String serviceAddress;

    @BeforeAll
    static void startAPod() {
        testbed = Testbed.up();
        testbed.loadImage("postgres:17");
        client = testbed.client();
        node = testbed.node("worker-2");
        // An interrupted run leaves it behind.
        client.namespaces().withName(NAMESPACE).delete();
        await().atMost(Duration.ofMinutes(1))
                .until(() -> client.namespaces().withName(NAMESPACE).get() == null);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
        client.resource(pod()).inNamespace(NAMESPACE).create();
        Service service = client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("target")
                        .endMetadata()
                        .withNewSpec()
                        .withSelector(Map.of("app", "target"))
                        .addNewPort()
                        .withPort(PORT)
                        .endPort()
                        .endSpec()
                        .build())
                .inNamespace(NAMESPACE)
                .create();
        serviceAddress = Objects.requireNonNull(service.getSpec().getClusterIP());
        Pod running = Objects.requireNonNull(client.pods()
                .inNamespace(NAMESPACE)
                .withName("target")
                .waitUntilCondition(
                        pod -> pod != null && "Running".equals(pod.getStatus().getPhase()), 1, TimeUnit.MINUTES));
        podUid = Objects.requireNonNull(running.getMetadata().getUid());
        podAddress = Objects.requireNonNull(running.getStatus().getPodIP());
        await().atMost(Duration.ofSeconds(20)).until(() -> answers(podAddress));
    }

    @AfterEach
    void repair() {
        Testbed.up(line -> {});
        await().atMost(Duration.ofSeconds(30)).until(() -> answers(podAddress));
    }

    @AfterAll
    static void removeThePod() {
        client.namespaces().withName(NAMESPACE).delete();
        client.close();
    }

    @Test
    void thisMachineReachesAPodAndAServiceFromOutside() {
        assertThat(answers(podAddress)).isTrue();
        // After the API server was down, kube-proxy asks again at growing intervals.
        await().atMost(Duration.ofMinutes(1)).until(() -> answers(serviceAddress));
    }

    @Test
    void aFrozenNodeAnswersNobodyUntilItIsThawed() {
        testbed.faults().freeze(node);
        assertThat(answers(podAddress)).isFalse();
        assertThat(testbed.containerState(node)).isEqualTo("paused");

        testbed.faults().thaw(node);
        await().atMost(Duration.ofSeconds(10)).until(() -> answers(podAddress));
    }

    @Test
    void aDisconnectedNodeIsLostToKubernetesAndComesBackUnderItsAddress() {
        testbed.faults().disconnect(node);
        assertThat(answers(podAddress)).isFalse();
        await().atMost(NOTICED).until(() -> !testbed.readyNodes().contains(node.name()));

        testbed.faults().reconnect(node);
        await().atMost(NOTICED).until(() -> testbed.readyNodes().contains(node.name()));
        await().atMost(Duration.ofSeconds(10)).until(() -> answers(podAddress));
        assertThat(client.nodes().withName(node.name()).get().getStatus().getAddresses())
                .anyMatch(address -> address.getAddress().equals(node.address()));
    }

    @Test
    void packetsAreDroppedBetweenTheGivenAddressesUntilNoneAre() {
        testbed.faults().drop(node, podAddress, "0.0.0.0/0");
        assertThat(answers(podAddress)).isFalse();

        testbed.faults().dropNothing(node);
        await().atMost(Duration.ofSeconds(10)).until(() -> answers(podAddress));
        testbed.faults().drop(node, "10.42.255.255", podAddress);
        assertThat(answers(podAddress)).as("others pass").isTrue();
    }

    @Test
    void aNodeWithoutTheApiServerIsLostToKubernetesAndItsPodsAreNot() {
        testbed.faults().cutOffApiServer(node);
        await().atMost(NOTICED).until(() -> !testbed.readyNodes().contains(node.name()));
        assertThat(answers(podAddress)).isTrue();
    }

    @Test
    void aSignalReachesTheProcessesOfThePodAlone() {
        assertThat(testbed.faults().signal(node, podUid, "^postgres: walwriter", "KILL"))
                .isEqualTo(1);
        assertThat(testbed.faults().signal(node, "00000000-0000-0000-0000-000000000000", "postgres", "KILL"))
                .isZero();
    }

    @Test
    void theApiServerStaysDownUntilItIsStarted() {
        testbed.faults().stopApiServer();
        assertThat(answers(podAddress)).as("pods run on without an API server").isTrue();
        assertThat(apiAnswers()).isFalse();

        testbed.faults().startApiServer();
        await().atMost(NOTICED).until(FaultsTest::apiAnswers);
    }

    private static boolean apiAnswers() {
        try {
            return "ok".equals(client.raw("/readyz"));
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    private static boolean answers(String address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, PORT), 1_000);
            socket.setSoTimeout(1_000);
            // SSLRequest: PostgreSQL answers with one byte, S or N.
            socket.getOutputStream().write(new byte[] {0, 0, 0, 8, 4, (byte) 210, 22, 47});
            return socket.getInputStream().read() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withName("target")
                .withLabels(Map.of("app", "target"))
                .endMetadata()
                .withNewSpec()
                .withNodeName(node.name())
                .withTerminationGracePeriodSeconds(0L)
                .addNewContainer()
                .withName("postgres")
                .withImage("postgres:17")
                .withCommand(
                        "bash",
                        "-c",
                        "initdb --no-sync --username postgres >/dev/null && exec postgres -c listen_addresses='*'")
                .withNewSecurityContext()
                .withRunAsUser(999L)
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build();
    }
}
