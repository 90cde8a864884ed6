package dev.primacy.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.kube.WaitingStatus;
import dev.primacy.operator.model.Names;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ManagementServerTest {
    private final AtomicBoolean ready = new AtomicBoolean();
    private final List<Metrics.Cluster> clusters = new ArrayList<>();
    private final Metrics metrics = new Metrics(() -> true, uid -> Optional.empty());
    private final ManagementServer server =
            new ManagementServer(0, () -> true, ready::get, () -> metrics.scrape(clusters));

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    @DisplayName("readiness follows the caches, health does not")
    void readiness() throws Exception {
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        ready.set(true);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    @DisplayName("metrics tell who leads and how long reconciliations take")
    void scrape() throws Exception {
        assertThat(get("/metrics").body())
                .contains("primacy_leader 1.0")
                .contains("primacy_reconcile_duration_seconds_count 0")
                .contains("primacy_reconcile_errors_total 0.0");
    }

    @Test
    @DisplayName("a cluster of which nothing could be begun is told of as well: an alert is for it most of all")
    void waitsForASecret() throws Exception {
        clusters.add(new Metrics.Cluster(
                new Names("shop", "orders"),
                WaitingStatus.of(null, 1, "the Secret is missing", Instant.EPOCH),
                null,
                Map.of()));
        assertThat(get("/metrics").body())
                .contains("primacy_cluster_ready{cluster=\"orders\",namespace=\"shop\"} 0.0")
                .doesNotContain("primacy_member_up{");
    }

    private HttpResponse<String> get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
