package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.kube.StatusWriter.Result;
import dev.primacy.operator.model.Names;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusWriterTest {
    private static final String PUT = "PUT postgresclusters/orders/status";
    private static final Duration NOW = Duration.ofHours(1);
    private static final PostgresClusterStatus RUNNING = status("{phase: Running, epoch: 4, lagBytes: 10}");

    private final PostgresCluster read = cluster("7");
    private StubApi api;
    private StatusWriter writer;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
        api.holds(read);
        writer = new StatusWriter(api.client(), Kubernetes.mapper());
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    @DisplayName("the whole status is written in the version that was read, and the answer's is the next one's")
    void written() {
        PostgresCluster first = writtenBy(writer.write(read, RUNNING, NOW));
        assertThat(first.getStatus()).isEqualTo(RUNNING);
        assertThat(first.getMetadata().getResourceVersion()).isEqualTo("101");
        assertThat(writer.write(first, RUNNING.withEpoch(5), NOW)).isInstanceOf(Result.Written.class);
        assertThat(api.writes()).containsExactly(PUT, PUT);
        assertThat(api.requests())
                .extracting(it -> it.body().at("/metadata/resourceVersion").asText())
                .containsExactly("7", "101");
        assertThat(epoch()).isEqualTo(5);
    }

    @Test
    @DisplayName(
            "of two operators that read the same, one raises the epoch; the other overwrites nothing and reads again")
    void compareAndSwap() {
        StatusWriter other = new StatusWriter(api.client(), Kubernetes.mapper());
        assertThat(other.write(cluster("7"), RUNNING.withEpoch(6), NOW)).isInstanceOf(Result.Written.class);
        api.forgetRequests();

        assertThat(writer.write(read, RUNNING.withEpoch(5), NOW)).isEqualTo(new Result.Conflict());
        assertThat(api.requests()).extracting(StubApi.Request::line).containsExactly(PUT);
        assertThat(epoch()).isEqualTo(6);

        assertThat(writer.write(cluster("101"), RUNNING.withEpoch(7), NOW)).isInstanceOf(Result.Written.class);
        assertThat(epoch()).isEqualTo(7);
    }

    @Test
    @DisplayName("what is there already is not written, but known to metrics")
    void unchanged() {
        read.setStatus(status("{phase: Running, epoch: 4, lagBytes: 10, reason: ''}"));
        assertThat(writer.write(read, RUNNING, NOW)).isEqualTo(new Result.Unchanged());
        assertThat(api.requests()).isEmpty();
        assertThat(writer.told()).containsExactly(new StatusWriter.Told(new Names("shop", "orders"), RUNNING));
    }

    @Test
    @DisplayName("positions alone are written every 30 seconds, anything else at once")
    void positions() {
        PostgresCluster first = writtenBy(writer.write(read, RUNNING, NOW));
        PostgresClusterStatus further = status("{phase: Running, epoch: 4, lagBytes: 20}");
        assertThat(writer.write(first, further, NOW.plusSeconds(29))).isEqualTo(new Result.Unchanged());
        PostgresCluster second = writtenBy(writer.write(first, further, NOW.plusSeconds(30)));
        assertThat(writer.write(second, RUNNING.withEpoch(5), NOW.plusSeconds(31)))
                .isInstanceOf(Result.Written.class);
        assertThat(api.writes()).hasSize(3);
    }

    @Test
    @DisplayName("a cluster that is gone is no failure")
    void gone() {
        api.client().resource(read).delete();
        assertThat(writer.write(read, RUNNING, NOW)).isEqualTo(new Result.Gone());
        writer.forget("uid-of-orders");
        assertThat(writer.told()).isEmpty();
    }

    /** 422: the definition in the API server is older, say. fabric8 has asked twice by then where it was 429 or above 499. */
    @ParameterizedTest
    @ValueSource(ints = {403, 422, 429, 500, 503})
    @DisplayName("a write that failed is told in words, and not waited with when it is tried again")
    void failed(int code) {
        PostgresCluster first = writtenBy(writer.write(read, RUNNING, NOW));
        PostgresClusterStatus further = status("{phase: Running, epoch: 4, lagBytes: 20}");
        api.fail(PUT, code == 403 || code == 422 ? 1 : 2, StubApi.Failure.of(code, "not now"));
        assertThat(writer.write(first, further, NOW.plusSeconds(30))).isEqualTo(new Result.Failed("not now"));
        assertThat(writer.write(first, further, NOW.plusSeconds(31))).isInstanceOf(Result.Written.class);
    }

    @Test
    @DisplayName("what was not written is to be tried again soon")
    void triedAgain() {
        assertThat(new Result.Conflict().isToBeTriedAgain()).isTrue();
        assertThat(new Result.Failed("not now").isToBeTriedAgain()).isTrue();
        assertThat(new Result.Written(read).isToBeTriedAgain()).isFalse();
        assertThat(new Result.Unchanged().isToBeTriedAgain()).isFalse();
        assertThat(new Result.Gone().isToBeTriedAgain()).isFalse();
    }

    private long epoch() {
        return api.held(read).orElseThrow().at("/status/epoch").asLong();
    }

    private static PostgresCluster writtenBy(Result result) {
        assertThat(result).isInstanceOf(Result.Written.class);
        return ((Result.Written) result).resource();
    }

    private static PostgresClusterStatus status(String yaml) {
        return Objects.requireNonNull(Serialization.unmarshal("---\n" + yaml, PostgresClusterStatus.class));
    }

    private static PostgresCluster cluster(String version) {
        PostgresCluster cluster = Serialization.unmarshal("""
                apiVersion: primacy.dev/v1
                kind: PostgresCluster
                metadata: {namespace: shop, name: orders, uid: uid-of-orders, resourceVersion: "%s"}
                spec: {instances: 2}
                """.formatted(version), PostgresCluster.class);
        return Objects.requireNonNull(cluster);
    }
}
