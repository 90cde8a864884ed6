package dev.primacy.e2e.harness;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps what every process of the operator logs of its passes, in {@code e2e-tests/target/passes/}, a file for each. When the tests are
 * over {@code ./dev test e2e} holds it against the invariants of the simulation.
 */
final class PassLog implements ResourceEventHandler<Pod>, AutoCloseable {
    /** What the operator needs to be told to log its passes. */
    static final String SETTING = "PRIMACY_TRACE_LEVEL";

    private static final Path FOLDER = Path.of("target", "passes");
    private static final Pattern TIMESTAMP = Pattern.compile("^\\{\"timestamp\":(\\d+)");
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final Set<String> followed = ConcurrentHashMap.newKeySet();
    private final SharedIndexInformer<Pod> pods;
    private volatile boolean closed;

    PassLog(KubernetesClient client, Operator operator) {
        this.client = client;
        try {
            Files.createDirectories(FOLDER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.pods = operator.pods().inform(this);
    }

    @Override
    public void onAdd(Pod pod) {
        pod.getStatus().getContainerStatuses().stream()
                .filter(container -> container.getState().getRunning() != null)
                .map(ContainerStatus::getContainerID)
                .filter(followed::add)
                .forEach(container ->
                        Thread.ofVirtual().start(() -> follow(pod.getMetadata().getName(), container)));
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {
        onAdd(pod);
    }

    @Override
    public void onDelete(Pod pod, boolean unknown) {
        // Its log has ended, and so has whoever follows it.
    }

    /**
     * A node that is cut off cuts the log off as well; it is taken up again where it broke off. Tests that are tried again are a run of
     * their own, which follows the same processes from the beginning of their logs, as far as the kubelet still has them.
     */
    private void follow(String pod, String container) {
        Path file = FOLDER.resolve(pod + "-" + container.substring(container.length() - 12) + ".log");
        long last = 0;
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file, CREATE, APPEND), true)) {
            while (!closed && isThere(pod, container)) {
                last = copy(pod, out, last);
                Thread.sleep(AGAIN);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return the time of the last line */
    private long copy(String pod, PrintWriter out, long from) throws IOException {
        long last = from;
        try (LogWatch log = client.pods()
                        .inNamespace(Operator.NAMESPACE)
                        .withName(pod)
                        .watchLog();
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(log.getOutput(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher timestamp = TIMESTAMP.matcher(line);
                boolean news = timestamp.find() && Long.parseLong(timestamp.group(1)) > from;
                if (news && line.contains("\"dev.primacy.trace\"")) {
                    out.println(line);
                }
                last = news ? Long.parseLong(timestamp.group(1)) : last;
            }
        } catch (KubernetesClientException e) {
            // The container has just ended, or its node does not answer.
        }
        out.flush();
        return last;
    }

    private boolean isThere(String pod, String container) {
        Pod known = pods.getStore().getByKey(Operator.NAMESPACE + "/" + pod);
        return known != null
                && known.getStatus().getContainerStatuses().stream()
                        .anyMatch(status ->
                                status.getState().getRunning() != null && container.equals(status.getContainerID()));
    }

    @Override
    public void close() {
        closed = true;
        pods.stop();
    }
}
