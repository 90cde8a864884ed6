package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Event;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EventSinkTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Event REFUSED = Event.warning("SwitchoverRefused", "there is no member 'orders-9'");

    private final List<String> written = new CopyOnWriteArrayList<>();
    private HttpServer api;
    private KubernetesClient client;
    private EventSink events;

    @BeforeEach
    void start() throws IOException {
        api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.createContext("/", exchange -> {
            byte[] event = exchange.getRequestBody().readAllBytes();
            written.add(new String(event, StandardCharsets.UTF_8));
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(201, event.length);
            exchange.getResponseBody().write(event);
            exchange.close();
        });
        api.start();
        client = Kubernetes.client(
                Kubernetes.mapper(),
                new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://localhost:" + api.getAddress().getPort())
                        .build());
        events = new EventSink(client, "operator-1");
    }

    @AfterEach
    void stop() {
        events.close();
        client.close();
        api.stop(0);
    }

    @Test
    @DisplayName("what holds for a while is said once in ten minutes, of each cluster")
    void said() {
        events.say(cluster("a"), REFUSED, NOW);
        events.say(cluster("a"), REFUSED, NOW.plusSeconds(1));
        events.say(cluster("a"), REFUSED, NOW.plusSeconds(599));
        events.say(cluster("b"), REFUSED, NOW.plusSeconds(1));
        events.say(cluster("a"), REFUSED, NOW.plusSeconds(600));
        assertThat(written()).hasSize(3);
    }

    @Test
    @DisplayName("what happens again is told again, and not said once more")
    void told() {
        events.tell(cluster("a"), REFUSED, NOW);
        events.tell(cluster("a"), REFUSED, NOW.plusSeconds(1));
        events.tell(cluster("a"), REFUSED, NOW.plusSeconds(2));
        events.say(cluster("a"), REFUSED, NOW.plusSeconds(601));
        assertThat(written())
                .hasSize(3)
                .allSatisfy(event -> assertThat(event).contains("SwitchoverRefused", "there is no member 'orders-9'"));
    }

    /** They are written beside the passes; closing waits for them, though not for long. */
    private List<String> written() {
        await().until(() -> written.size() >= 3);
        events.close();
        return written;
    }

    private static PostgresCluster cluster(String uid) {
        PostgresCluster cluster = new PostgresCluster();
        cluster.setMetadata(new ObjectMetaBuilder()
                .withNamespace("shop")
                .withName("orders")
                .withUid(uid)
                .build());
        return cluster;
    }
}
