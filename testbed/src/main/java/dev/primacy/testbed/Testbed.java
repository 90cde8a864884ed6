package dev.primacy.testbed;

import com.github.dockerjava.api.command.InspectContainerResponse;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.lifecycle.Startables;

/**
 * The cluster that tests, the demonstration and the benchmarks share: one control plane and three workers. It outlives
 * the process that started it; each {@link #up} adopts what stands, and repairs what does not.
 */
public final class Testbed {
    private static final Duration API_DEADLINE = Duration.ofSeconds(90);
    /** A control plane that was cut short in its first start may never answer; one that boots does within this time. */
    private static final Duration RECOVERY_DEADLINE = Duration.ofSeconds(45);

    private static final Duration NODES_DEADLINE = Duration.ofMinutes(2);

    private final Engine engine;
    private final List<Node> nodes;

    private Testbed(Engine engine, List<Node> nodes) {
        this.engine = engine;
        this.nodes = nodes;
    }

    /** As {@link #up(Consumer)}, telling progress on standard error. */
    public static Testbed up() {
        return up(line -> System.err.println("• " + line));
    }

    /**
     * Returns a test bed whose nodes are all Ready and connected: the one that stands, the one that stands once it is
     * repaired, or a new one.
     */
    public static Testbed up(Consumer<String> progress) {
        return Lock.during(progress, () -> {
            Engine engine = Engine.connect();
            String image = Remains.nodeImage(engine);
            if (Remains.areOutdated(engine, image)) {
                progress.accept("The nodes are of an older image; ./dev cluster down makes way for the new one");
            }
            Testbed testbed = new Testbed(engine, Layout.nodes(Network.ensure(engine)));
            boolean adopted = engine.container(testbed.server()).isPresent();
            testbed.start(image, progress);
            if (adopted && !Await.within(RECOVERY_DEADLINE, testbed::apiAnswers)) {
                progress.accept("The control plane that was there does not answer: starting anew");
                Remains.remove(engine);
                Network.ensure(engine);
                testbed.start(image, progress);
            }
            testbed.finish(progress);
            return testbed;
        });
    }

    /** The test bed that stands, in whatever state; empty when there is none. Changes nothing but the kubeconfig. */
    public static Optional<Testbed> find() {
        Engine engine = Engine.connect();
        if (Remains.none(engine)) {
            return Optional.empty();
        }
        Testbed testbed = new Testbed(engine, Layout.nodes(Network.ensure(engine)));
        testbed.renewKubeconfig();
        return Optional.of(testbed);
    }

    /** Removes the test bed, whatever of it there is: containers, volumes, network, routes, cgroups, kubeconfig. */
    public static void down() {
        Lock.during(line -> {}, () -> {
            Engine engine = Engine.connect();
            Remains.remove(engine);
            return engine;
        });
    }

    public List<Node> nodes() {
        return nodes;
    }

    /** The nodes that run pods. */
    public List<Node> agents() {
        return nodes.stream().filter(node -> node.role() == Node.Role.AGENT).toList();
    }

    /** @throws TestbedException when there is no node of that name */
    public Node node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new TestbedException("There is no node %s; there are %s."
                        .formatted(name, nodes.stream().map(Node::name).collect(Collectors.joining(", ")))));
    }

    public Faults faults() {
        return new Faults(engine, server());
    }

    /** The file with an administrator's access, in the checkout's {@code .primacy} folder. */
    public Path kubeconfig() {
        return Places.project().resolve("kubeconfig");
    }

    /** A client with an administrator's access; the caller closes it. */
    public KubernetesClient client() {
        try {
            return new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig())))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Brings an image of the engine into every node that runs pods; quick when they have it. */
    public void loadImage(String image) {
        new Images(engine).load(image, agents());
    }

    /** Brings an image into the control plane as well, for pods that tolerate its taint. */
    public void loadImageOnControlPlane(String image) {
        new Images(engine).load(image, List.of(server()));
    }

    /** The names of the nodes that Kubernetes takes for Ready now. */
    public Set<String> readyNodes() {
        try (KubernetesClient client = client()) {
            return client.nodes().list().getItems().stream()
                    .filter(node -> node.getStatus().getConditions().stream().anyMatch(Testbed::saysReady))
                    .map(node -> node.getMetadata().getName())
                    .collect(Collectors.toSet());
        }
    }

    /** What the engine says of a node's container: running, paused, exited; or absent. */
    public String containerState(Node node) {
        return engine.container(node)
                .map(InspectContainerResponse::getState)
                .map(InspectContainerResponse.ContainerState::getStatus)
                .orElse("absent");
    }

    private Node server() {
        return nodes.getFirst();
    }

    private void start(String image, Consumer<String> progress) {
        List<Node> missing =
                nodes.stream().filter(node -> engine.container(node).isEmpty()).toList();
        nodes.stream().filter(node -> !missing.contains(node)).forEach(this::repair);
        if (missing.isEmpty()) {
            return;
        }
        progress.accept("Starting %s of %s"
                .formatted(missing.stream().map(Node::name).collect(Collectors.joining(", ")), image));
        if (!missing.contains(server()) && apiAnswers()) {
            forget(missing);
        }
        var description = new NodeContainers(image, server(), token(), Images.folder());
        Stream<K3sContainer> containers = missing.stream().map(description::describe);
        try {
            Startables.deepStart(containers).join();
        } catch (CompletionException e) {
            throw new TestbedException(
                    "A node did not start: %s. See `docker logs %s`, and /var/log/node in the container."
                            .formatted(rootCause(e).getMessage(), server().container()),
                    e);
        }
    }

    /** Undoes every fault that an earlier process may have left. */
    private void repair(Node node) {
        Faults faults = faults();
        faults.thaw(node);
        faults.powerOn(node);
        faults.reconnect(node);
        faults.dropNothing(node);
        faults.ignorePolicies(node);
        if (node.role() == Node.Role.SERVER) {
            faults.startApiServer();
        }
    }

    /** A node that comes back empty is a new one to Kubernetes too. */
    private void forget(List<Node> gone) {
        try (KubernetesClient client = client()) {
            gone.forEach(node -> client.nodes().withName(node.name()).delete());
        }
    }

    private void finish(Consumer<String> progress) {
        Await.until(
                API_DEADLINE,
                "the API server answers; see `docker logs " + server().container() + "`",
                this::apiAnswers);
        Set<String> expected = nodes.stream().map(Node::name).collect(Collectors.toSet());
        Await.until(
                NODES_DEADLINE,
                "all nodes are Ready; see ./dev kubectl describe nodes",
                () -> readyNodes().containsAll(expected));
        Host.routeThrough(server());
        progress.accept("%d nodes Ready; kubeconfig: %s".formatted(nodes.size(), kubeconfig()));
    }

    private boolean apiAnswers() {
        if (!renewKubeconfig()) {
            return false;
        }
        try (KubernetesClient client = client()) {
            return "ok".equals(client.raw("/readyz"));
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    /** A new server makes new keys, and each checkout has its own copy. */
    private boolean renewKubeconfig() {
        if (!"running".equals(containerState(server()))) {
            return false;
        }
        Engine.Output file = engine.run(server(), Duration.ofSeconds(10), "cat", "/etc/rancher/k3s/k3s.yaml");
        if (file.code() != 0) {
            return false;
        }
        OwnerOnlyFile.write(
                kubeconfig(), file.out().replace("https://127.0.0.1:", "https://" + server().address() + ":"));
        return true;
    }

    /** Agents that are added to a server join with the token it was started with. */
    private String token() {
        String prefix = "K3S_TOKEN=";
        return engine.container(server())
                .flatMap(server -> Stream.of(
                                Objects.requireNonNull(server.getConfig().getEnv()))
                        .filter(variable -> variable.startsWith(prefix))
                        .map(variable -> variable.substring(prefix.length()))
                        .findFirst())
                .orElseGet(JoinToken::random);
    }

    private static Throwable rootCause(Throwable thrown) {
        Throwable cause = thrown;
        for (Throwable next = cause; next != null; next = next.getCause()) {
            cause = next;
        }
        return cause;
    }

    private static boolean saysReady(NodeCondition condition) {
        return "Ready".equals(condition.getType()) && "True".equals(condition.getStatus());
    }
}
