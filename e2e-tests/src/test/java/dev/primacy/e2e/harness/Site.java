package dev.primacy.e2e.harness;

import dev.primacy.testbed.Node;
import dev.primacy.testbed.Testbed;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The Kubernetes under test, with the operator installed. With {@code -Dprimacy.context=<name>} it is one of the user's own kubeconfig,
 * otherwise the test bed, started if need be. One serves the whole run.
 */
public final class Site implements AutoCloseable {
    private static final List<String> POSTGRES = List.of("postgres:15", "postgres:17", "postgres:18");

    private final @Nullable Testbed testbed;
    private final KubernetesClient client;
    private final Tool tool;
    private final Operator operator;
    private @Nullable PassLog passes;

    private Site(@Nullable Testbed testbed, KubernetesClient client, Tool tool) {
        this.testbed = testbed;
        this.client = client;
        this.tool = tool;
        this.operator = new Operator(client, tool);
    }

    /**
     * The cluster under test, on which the operator is installed, or brought up to date.
     *
     * @param settings environment variables of the operator beside those that the chart sets
     */
    public static Site withOperator(Map<String, String> settings) {
        Site site = find();
        site.operator.install(site.testbed, settings);
        return site;
    }

    /** From now on what the operator logs of its passes is kept. */
    Site keepingPasses() {
        passes = new PassLog(client, operator);
        return this;
    }

    private static Site find() {
        String context = System.getProperty("primacy.context", "");
        Tool tool = new Tool(project(), context);
        if (!context.isEmpty()) {
            KubernetesClient client = new KubernetesClientBuilder()
                    .withConfig(Config.autoConfigure(context))
                    .build();
            return new Site(null, client, tool);
        }
        Testbed testbed = Testbed.up();
        POSTGRES.forEach(testbed::loadImage);
        return new Site(testbed, testbed.client(), tool);
    }

    public KubernetesClient client() {
        return client;
    }

    public Operator operator() {
        return operator;
    }

    /** What {@code kubectl} prints. */
    public String kubectl(String... arguments) {
        return tool.run(
                Stream.concat(Stream.of("kubectl"), Stream.of(arguments)).toArray(String[]::new));
    }

    /** What {@code helm} prints. */
    public String helm(String... arguments) {
        return tool.run(Stream.concat(Stream.of("helm"), Stream.of(arguments)).toArray(String[]::new));
    }

    /** Whether it runs on the test bed, not on a cluster of the user's own. */
    public boolean isTestbed() {
        return testbed != null;
    }

    /** @throws org.opentest4j.TestAbortedException on a cluster of the user's own, whose nodes nobody harms */
    public Testbed testbed() {
        if (testbed == null) {
            throw new org.opentest4j.TestAbortedException("needs the test bed, whose nodes can be harmed");
        }
        return testbed;
    }

    /** The node that a member's pod runs on. */
    public Node nodeOf(Cluster cluster, String member) {
        return testbed().node(cluster.pod(member).getSpec().getNodeName());
    }

    /** The processes of a member's pod as it is now. */
    public Processes processes(Cluster cluster, String member) {
        return processes(cluster.pod(member));
    }

    public Processes processes(Pod pod) {
        return new Processes(
                testbed(),
                testbed().node(pod.getSpec().getNodeName()),
                pod.getMetadata().getUid());
    }

    /**
     * Ends all processes of the operator at once, and nothing of theirs is carried through; the Deployment starts new ones. A cluster of
     * the user's own leaves them a second or so.
     */
    public void crashOperator() {
        if (testbed != null) {
            for (Pod pod : operator.pods().list().getItems()) {
                processes(pod).signal("java", "KILL");
            }
        }
        // In a pod of its own the next process does not wait for the kubelet's back-off.
        operator.kill();
    }

    /** Until the test ends, the nodes of the test bed hold pods to their NetworkPolicies; a cluster of the user's own does or does not. */
    public void enforcePolicies() {
        if (testbed != null) {
            testbed.nodes().forEach(testbed.faults()::enforcePolicies);
        }
    }

    /** An empty node has taken the place of one that was destroyed, and can pull nothing. */
    public void loadImages() {
        POSTGRES.forEach(testbed()::loadImage);
        testbed().loadImage("primacy-operator:dev");
    }

    /** After a test that disturbed: nodes up and connected, operator running. */
    void mend() {
        if (testbed != null) {
            Testbed.up(line -> {});
        }
        operator.start();
    }

    /** Waits until the namespaces of the tests are gone: an object that nobody removes would keep its namespace for ever. */
    @Override
    public void close() {
        try {
            Awaitility.await("the namespaces of the tests are gone")
                    .atMost(Duration.ofMinutes(2))
                    .until(this::leftovers, List::isEmpty);
        } finally {
            if (passes != null) {
                passes.close();
            }
            client.close();
        }
    }

    private List<String> leftovers() {
        return client.namespaces().withLabels(Map.of(Space.LABEL, "true")).list().getItems().stream()
                .filter(namespace -> namespace.getMetadata().getDeletionTimestamp() != null)
                .map(Namespace::getMetadata)
                .map(metadata -> Objects.requireNonNull(metadata.getName()))
                .toList();
    }

    /** The checkout's root. */
    public static Path project() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("mvnw"))) {
            here = Objects.requireNonNull(here.getParent(), "not in a checkout of the project");
        }
        return here;
    }
}
