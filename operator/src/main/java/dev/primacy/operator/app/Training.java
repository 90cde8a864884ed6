package dev.primacy.operator.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.operator.kube.Kubernetes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.postgresql.Driver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A start of the operator that meets nobody but a stand-in for the API server, with one cluster of which it makes everything that it
 * can without a kubelet. From this run comes the image's ahead-of-time cache: what was loaded here is there at once later.
 */
final class Training {
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String CLUSTER = "/apis/primacy.dev/v1/namespaces/default/postgresclusters/sample";
    private static final String LAST_MADE = "/apis/apps/v1/namespaces/default/statefulsets/sample-1";

    private Training() {}

    static void run() {
        ObjectMapper mapper = Kubernetes.mapper();
        try (TrainingServer server = new TrainingServer(mapper)) {
            server.put(CLUSTER, cluster(mapper));
            int port = freePort();
            Settings settings = Settings.of(Map.of(
                    "POD_NAME", "training",
                    "POD_NAMESPACE", "default",
                    "PRIMACY_MANAGEMENT_PORT", Integer.toString(port)));
            try (Replica replica = new Replica(settings, Kubernetes.client(mapper, server.config()), mapper)) {
                replica.run();
                await(server);
                scrape(port);
            }
            loadAllOf(Training.class);
            loadAllOf(Driver.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the training run cannot listen on the loopback interface", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static JsonNode cluster(ObjectMapper mapper) throws IOException {
        return mapper.readTree("""
                {"apiVersion": "primacy.dev/v1", "kind": "PostgresCluster",
                 "metadata": {"name": "sample", "namespace": "default", "uid": "1", "generation": 1,
                              "creationTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["primacy.dev/cluster"]},
                 "spec": {"instances": 2, "storage": {"data": {"emptyDir": {}}},
                          "access": [{"name": "all", "cidr": "0.0.0.0/0"}]}}""");
    }

    private static void await(TrainingServer server) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!server.has(LAST_MADE) && System.nanoTime() < deadline) {
            Thread.sleep(100);
        }
        LOG.info(
                server.has(LAST_MADE)
                        ? "The training run came to its end"
                        : "The training run did not get to a StatefulSet");
        // A few looks at a member that is not there.
        Thread.sleep(3_000);
    }

    /**
     * What this run does not come to for want of a PostgreSQL – its sessions, what is decided once members answer – would be read and
     * verified from its jar when it is needed first: in the first failover, of all moments.
     */
    private static void loadAllOf(Class<?> neighbour) throws IOException {
        String place =
                neighbour.getProtectionDomain().getCodeSource().getLocation().getPath();
        try (JarFile jar = new JarFile(place)) {
            long loaded = jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
                    .map(name -> name.replaceAll("\\.class$", "").replace('/', '.'))
                    .filter(Training::isLoaded)
                    .count();
            LOG.info("{} classes of {} are loaded", loaded, place);
        }
    }

    private static boolean isLoaded(String name) {
        try {
            Class.forName(name, false, Training.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            LOG.info("{} is left out: it needs {}", name, e.getMessage()); // an optional part of the driver
            return false;
        }
    }

    private static void scrape(int port) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
            client.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
