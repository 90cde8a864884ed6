package dev.primacy.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ManagementServerTest {
    private final AtomicBoolean ready = new AtomicBoolean();
    private final Metrics metrics = new Metrics(() -> true, uid -> Optional.empty());
    private final ManagementServer server =
            new ManagementServer(0, () -> true, ready::get, () -> metrics.scrape(Map.of()));

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

    private HttpResponse<String> get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
