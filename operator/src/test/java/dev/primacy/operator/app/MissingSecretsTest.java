package dev.primacy.operator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.kube.EventSink;
import dev.primacy.operator.kube.Kubernetes;
import dev.primacy.operator.kube.StatusWriter;
import dev.primacy.operator.kube.StubApi;
import dev.primacy.operator.model.Now;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MissingSecretsTest {
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
    private static final String NO_PASSWORD =
            "the Secret shop/given, which passwordSecretRef names, is not there: create it";

    private StubApi api;
    private EventSink events;
    private MissingSecrets missing;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
        events = new EventSink(api.client(), "operator-1");
        missing = new MissingSecrets(api.client(), new StatusWriter(api.client(), Kubernetes.mapper()), events);
    }

    @AfterEach
    void stop() {
        events.close();
        api.close();
    }

    @Test
    @DisplayName("what is missing is in the status, its conditions and an event, each in the same words")
    void told() {
        PostgresCluster cluster = cluster("instances: 2");
        Next next = missing.await(cluster, List.of(NO_PASSWORD, "the second"), after(1));

        String words = NO_PASSWORD + "; the second";
        PostgresCluster there = there(cluster);
        assertThat(there.getStatus().phase()).isEqualTo("Waiting");
        assertThat(there.getStatus().reason()).isEqualTo(words);
        assertThat(there.getStatus().observedGeneration()).isEqualTo(3);
        assertThat(there.getStatus().conditions())
                .extracting(Condition::getType, Condition::getStatus, Condition::getReason, Condition::getMessage)
                .containsExactly(
                        tuple("Ready", "False", "WaitingForSecret", words),
                        tuple("Reconciling", "True", "WaitingForSecret", words));
        assertThat(toldEvents())
                .singleElement()
                .satisfies(event -> assertThat(event).contains("\"WaitingForSecret\"", "\"Warning\"", NO_PASSWORD));
        assertThat(next).isEqualTo(new Next.Rest(Duration.ofSeconds(30)));
    }

    @Test
    @DisplayName("nothing is written or said again while the same is missing")
    void saidOnce() {
        PostgresCluster cluster = cluster("instances: 2");
        missing.await(cluster, List.of(NO_PASSWORD), after(1));
        missing.await(there(cluster), List.of(NO_PASSWORD), after(31));
        assertThat(toldEvents()).hasSize(1);
        assertThat(api.writes()).hasSize(2);
    }

    /** The Secret of a running cluster was deleted: the operator must find everything as it was when it is back. */
    @Test
    @DisplayName("what the status knows of the cluster stays")
    void factsStay() {
        PostgresCluster cluster = cluster("instances: 2");
        cluster.setStatus(Objects.requireNonNull(Serialization.unmarshal("""
                phase: Running
                epoch: 4
                primary: orders-1
                systemId: "7300000000000000001"
                members: [{name: orders-1}]
                conditions: [{type: Degraded, status: "True", reason: Lag, message: lag}]
                """, PostgresClusterStatus.class)));
        missing.await(cluster, List.of(NO_PASSWORD), after(1));
        PostgresCluster there = there(cluster);
        assertThat(there.getStatus().epoch()).isEqualTo(4);
        assertThat(there.getStatus().primary()).isEqualTo("orders-1");
        assertThat(there.getStatus().systemId()).isEqualTo("7300000000000000001");
        assertThat(there.getStatus().members()).hasSize(1);
        assertThat(there.getStatus().conditions())
                .extracting(Condition::getType)
                .containsExactly("Ready", "Reconciling", "Degraded");
    }

    @Test
    @DisplayName("a cluster whose time is over goes although its Secrets never came, and says why")
    void expires() {
        PostgresCluster cluster = cluster("{instances: 1, ttlSecondsAfterCreation: 60}");
        assertThat(missing.await(cluster, List.of(NO_PASSWORD), after(50)))
                .isEqualTo(new Next.Rest(Duration.ofSeconds(10)));
        missing.await(there(cluster), List.of(NO_PASSWORD), after(60));
        assertThat(api.held(cluster)).isEmpty();
        assertThat(toldEvents())
                .hasSize(2)
                .last()
                .satisfies(event -> assertThat(event).contains("\"Expired\"", "ttlSecondsAfterCreation = 60"));
    }

    /** The client asks once more by itself after 5xx, but not after a conflict. */
    @ParameterizedTest
    @ValueSource(ints = {409, 500})
    @DisplayName(
            "a status that could not be written is tried again soon, not when somebody has waited for half a minute")
    void notWritten(int code) {
        PostgresCluster cluster = cluster("instances: 2");
        api.fail("PUT postgresclusters/orders/status", 2, StubApi.Failure.of(code, "not now"));
        assertThat(missing.await(cluster, List.of(NO_PASSWORD), after(1)))
                .isEqualTo(new Next.Rest(Duration.ofSeconds(1)));
    }

    @Test
    @DisplayName("a paused cluster does not expire")
    void paused() {
        PostgresCluster cluster = cluster("{instances: 1, ttlSecondsAfterCreation: 60, paused: true}");
        missing.await(cluster, List.of(NO_PASSWORD), after(3600));
        assertThat(api.held(cluster)).isPresent();
    }

    @Test
    @DisplayName("what was changed, or made under the same name, since it was read is read again and not deleted")
    void anotherOfTheSameName() {
        PostgresCluster read = cluster("{instances: 1, ttlSecondsAfterCreation: 60}");
        PostgresCluster fresh = cluster("{instances: 1, ttlSecondsAfterCreation: 60}");
        fresh.getMetadata().setUid("another");
        fresh.getMetadata().setResourceVersion("9");
        api.holds(fresh);
        assertThat(missing.await(read, List.of(NO_PASSWORD), after(60))).isEqualTo(new Next.AtOnce(null, List.of()));
        assertThat(api.held(fresh)).isPresent();
    }

    private static Now after(long seconds) {
        return new Now(CREATED.plusSeconds(seconds), Duration.ofSeconds(1_000 + seconds));
    }

    private PostgresCluster there(PostgresCluster like) {
        return Objects.requireNonNull(api.client().resource(like).get());
    }

    /** They are written beside the passes; closing waits for them. */
    private List<String> toldEvents() {
        events.close();
        return api.requests().stream()
                .filter(it -> it.method().equals("POST"))
                .map(it -> it.body().toString())
                .toList();
    }

    private PostgresCluster cluster(String spec) {
        PostgresCluster cluster = Objects.requireNonNull(Serialization.unmarshal("""
                apiVersion: primacy.dev/v1
                kind: PostgresCluster
                metadata:
                  namespace: shop
                  name: orders
                  uid: uid-of-orders
                  resourceVersion: "7"
                  generation: 3
                  creationTimestamp: "2026-01-01T00:00:00Z"
                """, PostgresCluster.class));
        cluster.setSpec(Objects.requireNonNull(Serialization.unmarshal("---\n" + spec, PostgresClusterSpec.class)));
        api.holds(cluster);
        return cluster;
    }
}
