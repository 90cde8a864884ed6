package dev.primacy.e2e.harness;

import dev.primacy.testbed.Testbed;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;

/** The operator as its chart deploys it. */
public final class Operator {
    public static final String NAMESPACE = "primacy-system";
    static final String IMAGE = "primacy-operator:dev";
    public static final String RELEASE = "primacy";
    private static final String LEASE = "primacy-operator";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final KubernetesClient client;
    private final Tool tool;
    /** The command that installed it. */
    private List<String> installation = List.of();

    private Map<String, String> settings = Map.of();

    Operator(KubernetesClient client, Tool tool) {
        this.client = client;
        this.tool = tool;
    }

    /** Installs the chart as the documentation says, with the image of this checkout where the nodes can be given it. */
    public void install(@Nullable Testbed testbed, Map<String, String> settings) {
        String image = System.getProperty("primacy.image", IMAGE);
        List<String> command = new ArrayList<>(List.of(
                "helm",
                "upgrade",
                "--install",
                RELEASE,
                Site.project().resolve("helm/primacy").toString(),
                "--namespace",
                NAMESPACE,
                "--create-namespace",
                "--set",
                "image.repository=" + image.substring(0, image.lastIndexOf(':')),
                "--set",
                "image.tag=" + image.substring(image.lastIndexOf(':') + 1),
                "--set-json",
                environment(settings),
                "--wait",
                "--timeout",
                "3m"));
        if (testbed != null) {
            testbed.loadImage(image);
            // The tag of a development image stays the same when the image does not.
            // The definition may be there already: other tests apply it without Helm.
            command.addAll(List.of("--take-ownership", "--force-conflicts"));
            command.addAll(List.of("--set-string", "podAnnotations.primacy\\.dev/image=" + imageId(image)));
        }
        installation = List.copyOf(command);
        this.settings = Map.copyOf(settings);
        tool.run(command.toArray(String[]::new));
        start();
    }

    /** The same installation, which serves these namespaces alone from now on; without any, all of them again. */
    public void serve(String... namespaces) {
        installAgain("watchNamespaces=" + Serialization.asJson(List.of(namespaces)));
    }

    /**
     * The same installation with other settings beside those it was installed with; without any, as it was. Returns when its rolling update
     * is over, as {@code helm upgrade --wait} does, and one leads.
     */
    public void upgrade(Map<String, String> further) {
        Map<String, String> all = new TreeMap<>(settings);
        all.putAll(further);
        installAgain(environment(all));
    }

    private void installAgain(String withValue) {
        List<String> command = new ArrayList<>(installation);
        command.addAll(List.of("--set-json", withValue));
        tool.run(command.toArray(String[]::new));
        start();
    }

    private static String environment(Map<String, String> settings) {
        return "env="
                + Serialization.asJson(new TreeMap<>(settings)
                        .entrySet().stream()
                                .map(setting -> Map.of("name", setting.getKey(), "value", setting.getValue()))
                                .toList());
    }

    private static String imageId(String image) {
        String id = Objects.requireNonNull(
                DockerClientFactory.lazyClient().inspectImageCmd(image).exec().getId());
        return id.replace("sha256:", "").substring(0, 12);
    }

    /** Deletes all its pods by force, which leaves them a second or so; the Deployment starts new ones. */
    public void kill() {
        pods().withGracePeriod(0).delete();
    }

    /** Which container runs in one of its pods now. */
    public String containerOf(String pod) {
        return Objects.requireNonNull(
                        client.pods().inNamespace(NAMESPACE).withName(pod).get())
                .getStatus()
                .getContainerStatuses()
                .getFirst()
                .getContainerID();
    }

    /** Ends the leading process alone. */
    public void killLeader() {
        String leader = leader().orElseThrow(() -> new AssertionError("no operator leads"));
        client.pods().inNamespace(NAMESPACE).withName(leader).withGracePeriod(0).delete();
    }

    /** Scales it to nothing and waits until it is gone. */
    public void stop() {
        scale(0);
        Awaitility.await("the operator is gone")
                .atMost(PATIENCE)
                .until(() -> pods().list().getItems().isEmpty());
    }

    /** Scales it up, if it is not, and waits until it leads. */
    public void start() {
        Deployment deployment = deployment();
        if (deployment.getSpec().getReplicas() == 0) {
            scale(2);
        }
        client.apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName(deployment.getMetadata().getName())
                .waitUntilCondition(Operator::isUp, PATIENCE.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
        Awaitility.await("one of the operator's pods leads")
                .atMost(PATIENCE)
                .until(() -> leader().map(name -> client.pods()
                                .inNamespace(NAMESPACE)
                                .withName(name)
                                .get())
                        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                        .isPresent());
    }

    /**
     * Waits until all its replicas have been running for a while. One that was cut off has ended itself, and the kubelet starts it again
     * later each time.
     */
    public void settle() {
        start();
        Awaitility.await("all replicas of the operator run")
                .atMost(PATIENCE)
                .during(Duration.ofSeconds(8))
                .until(() ->
                        isUp(deployment()) && pods().list().getItems().stream().allMatch(Operator::hasBeenRunning));
    }

    private static boolean hasBeenRunning(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .map(status -> status.getState().getRunning())
                .allMatch(running -> running != null
                        && Instant.parse(running.getStartedAt())
                                .isBefore(Instant.now().minusSeconds(10)));
    }

    /** The name of the pod that leads. */
    public Optional<String> leader() {
        Lease lease = client.leases().inNamespace(NAMESPACE).withName(LEASE).get();
        return Optional.ofNullable(lease)
                .map(found -> found.getSpec().getHolderIdentity())
                .filter(holder -> !holder.isBlank());
    }

    /** The pod that leads. */
    public Pod leaderPod() {
        String leader = leader().orElseThrow(() -> new AssertionError("no operator leads"));
        return Objects.requireNonNull(
                client.pods().inNamespace(NAMESPACE).withName(leader).get(), "there is no pod " + leader);
    }

    /** What the leading process tells Prometheus now. */
    public Scrape scrape() {
        return new Scrape(Objects.requireNonNull(client.raw("/api/v1/namespaces/%s/pods/%s:8080/proxy/metrics"
                .formatted(NAMESPACE, leaderPod().getMetadata().getName()))));
    }

    /** What all its processes wrote. */
    public String log() {
        StringBuilder all = new StringBuilder();
        for (Pod pod : pods().list().getItems()) {
            String name = pod.getMetadata().getName();
            all.append("=== ").append(name).append('\n');
            try {
                all.append(client.pods().inNamespace(NAMESPACE).withName(name).getLog())
                        .append('\n');
            } catch (KubernetesClientException e) {
                all.append(e.getMessage()).append('\n');
            }
        }
        return all.toString();
    }

    public FilterWatchListDeletable<
                    Pod, io.fabric8.kubernetes.api.model.PodList, io.fabric8.kubernetes.client.dsl.PodResource>
            pods() {
        return client.pods().inNamespace(NAMESPACE).withLabel("app.kubernetes.io/name", "primacy");
    }

    private void scale(int replicas) {
        client.apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName(deployment().getMetadata().getName())
                .scale(replicas);
    }

    private Deployment deployment() {
        return client
                .apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/name", "primacy")
                .list()
                .getItems()
                .stream()
                .findFirst()
                .orElseThrow(() -> new AssertionError("the operator is not installed in " + NAMESPACE));
    }

    private static boolean isUp(@Nullable Deployment deployment) {
        if (deployment == null) {
            return false;
        }
        int wanted = Objects.requireNonNullElse(deployment.getSpec().getReplicas(), 1);
        var status = deployment.getStatus();
        return Objects.equals(
                        status.getObservedGeneration(), deployment.getMetadata().getGeneration())
                && Objects.requireNonNullElse(status.getUpdatedReplicas(), 0) == wanted
                && Objects.requireNonNullElse(status.getReadyReplicas(), 0) == wanted
                && Objects.requireNonNullElse(status.getReplicas(), 0) == wanted;
    }

    /** Names of its pods; changes whenever one is replaced. */
    public List<String> podNames() {
        return pods().list().getItems().stream()
                .map(pod -> pod.getMetadata().getName())
                .sorted()
                .toList();
    }
}
