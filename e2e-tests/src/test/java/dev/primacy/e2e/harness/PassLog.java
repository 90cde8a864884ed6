package dev.primacy.e2e.harness;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import dev.primacy.api.v1.PostgresCluster;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
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
    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final KubernetesClient client;
    /** Who reads whose log, by the container's id. */
    private final Map<String, Thread> followers = new ConcurrentHashMap<>();

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

    /** A primary of this cluster is nobody's decision. */
    static void promotedByHand(PostgresCluster cluster) {
        try {
            Files.writeString(
                    FOLDER.resolve("promoted-by-hand"), cluster.getMetadata().getUid() + "\n", CREATE, APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onAdd(Pod pod) {
        pod.getStatus().getContainerStatuses().stream()
                .filter(container -> container.getState().getRunning() != null)
                .map(ContainerStatus::getContainerID)
                .forEach(container -> followers.computeIfAbsent(
                        container,
                        key -> Thread.ofVirtual()
                                .start(() -> follow(pod.getMetadata().getName(), key))));
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
     * The log is read again and again, each time from the second of the last line that was read; whoever judges it counts a line once. A
     * stream that follows it would break with each node that is cut off, and be silent about it.
     */
    private void follow(String pod, String container) {
        Path file = FOLDER.resolve(pod + "-" + container.substring(container.length() - 12) + ".log");
        long last = 0;
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file, CREATE, APPEND), true)) {
            while (isThere(pod, container)) {
                boolean lastTime = closed;
                last = copy(pod, out, last);
                if (lastTime) {
                    return;
                }
                Thread.sleep(AGAIN);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return the time of the last line, in milliseconds */
    private long copy(String pod, PrintWriter out, long from) {
        long last = from;
        try {
            String log = client.pods()
                    .inNamespace(Operator.NAMESPACE)
                    .withName(pod)
                    .sinceTime(Instant.ofEpochMilli(from)
                            .truncatedTo(ChronoUnit.SECONDS)
                            .toString())
                    .getLog();
            for (String line : log.split("\n")) {
                Matcher timestamp = TIMESTAMP.matcher(line);
                if (timestamp.find() && Long.parseLong(timestamp.group(1)) >= from) {
                    last = Long.parseLong(timestamp.group(1));
                    if (line.contains("\"dev.primacy.trace\"")) {
                        out.println(line);
                    }
                }
            }
        } catch (KubernetesClientException e) {
            // The container has just ended, or its node does not answer.
        }
        return last;
    }

    private boolean isThere(String pod, String container) {
        try {
            Pod known =
                    client.pods().inNamespace(Operator.NAMESPACE).withName(pod).get();
            return known != null
                    && known.getStatus().getContainerStatuses().stream()
                            .anyMatch(status -> container.equals(status.getContainerID())
                                    && status.getState().getRunning() != null);
        } catch (KubernetesClientException e) {
            return true; // as far as anybody knows, while the API server is away
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            for (Thread follower : followers.values()) {
                follower.join(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pods.stop();
    }
}
