package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.kube.StubApi.Failure;
import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.postgres.Outcome;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The API server fails one call of the operator, and works again. fabric8 7.8.0 itself repeats a request that was answered with 429 or
 * 500 and above, as often as {@link Kubernetes} lets it: once, after a tenth of a second, whatever Retry-After says (it reads the header,
 * and waits for its own interval). So such a failure reaches the operator when it comes twice; any other one at once.
 */
@Timeout(20)
class FailedCallsTest {
    private static final Names ORDERS = new Names("shop", "orders");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String WHY = "not now, says the API server";

    private static final Action INSTRUCT_1 =
            new Action.Instruct("orders-1", new Instruction("lost-log", 4, Instruction.Verb.RESTART, ""));
    private static final Action DELETE_1 = new Action.DeletePod("orders-1", "uid-of-orders-1-0", null, "it is stuck");
    private static final Action LABEL_2 = new Action.Label("orders-2", "standby", true);
    private static final Action ROUTE_2 = new Action.Route("orders-2", "orders-1");
    private static final Action READY_2 = new Action.SetReady("orders-2", true, "it serves");

    private final HasMetadata service =
            new ServiceBuilder().withMetadata(meta("orders-rw")).build();
    private final Secret secret = new SecretBuilder()
            .withMetadata(meta("orders-ca"))
            .withType("kubernetes.io/tls")
            .build();
    private final HasMetadata set =
            new StatefulSetBuilder().withMetadata(meta("orders-1")).build();

    private StubApi api;
    private ClusterCache cache;
    private Applier applier;
    private Executor executor;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
        cache = new ClusterCache(api.client(), Set.of("shop"), cluster -> {}, (cluster, member) -> {});
        applier = new Applier(api.client(), cache, Kubernetes.mapper());
        KubeActions actions = new KubeActions(api.client(), cache, Kubernetes.mapper(), ORDERS);
        executor = new Executor(action -> action instanceof Action.Kube kube
                ? actions.run(kube, NOW)
                : new Outcome.Failed("not of Kubernetes: " + action));
        for (String pod : List.of("orders-1-0", "orders-2-0")) {
            there(new PodBuilder().withMetadata(found(pod)).build());
        }
        there(new ServiceBuilder().withMetadata(found("orders-rw")).build());
    }

    @AfterEach
    void stop() {
        cache.close();
        api.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    @DisplayName("a single failure of the API server is not seen at all: the client asks once more")
    void askedOnceMore(int code) {
        api.fail("PATCH pods/orders-2-0", 1, new Failure(code, WHY, List.of(), "1"));
        api.fail("PATCH statefulsets/orders-1", 1, new Failure(code, WHY, List.of(), "0"));
        assertThat(executor.run(List.of(LABEL_2)).done()).containsExactly(LABEL_2);
        assertThat(applier.apply(List.of(set))).isEmpty();
        assertThat(api.writes())
                .containsExactly(
                        "PATCH pods/orders-2-0",
                        "PATCH pods/orders-2-0",
                        "PATCH statefulsets/orders-1",
                        "PATCH statefulsets/orders-1");
    }

    /** Should a later fabric8 wait as it is told, this shows. */
    @Test
    @DisplayName("an API server that asks for a long rest does not hold up a pass")
    void longRest() {
        api.fail("PATCH pods/orders-2-0", 2, new Failure(429, WHY, List.of(), "1800"));
        assertThat(executor.run(List.of(LABEL_2)).failures())
                .singleElement()
                .satisfies(it -> assertThat(it.words()).isEqualTo("orders-2: label did not succeed: " + WHY));
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 422, 429, 500, 503})
    @DisplayName(
            "after a failed action nothing more is done to that member, the others go on; the next pass does it all")
    void actionsInOrder(int code) {
        failOnce("PATCH pods/orders-1-0", code);
        Executor.Report report = executor.run(List.of(INSTRUCT_1, DELETE_1, LABEL_2, ROUTE_2));
        assertThat(report.done()).containsExactly(LABEL_2, ROUTE_2);
        assertThat(report.failures())
                .singleElement()
                .satisfies(it -> assertThat(it.words()).isEqualTo("orders-1: instruct did not succeed: " + WHY));
        assertThat(api.writes()).filteredOn(it -> it.contains("orders-1-0")).containsOnly("PATCH pods/orders-1-0");

        api.forgetRequests();
        assertThat(executor.run(List.of(INSTRUCT_1, DELETE_1)).failures()).isEmpty();
        assertThat(api.writes()).containsExactly("PATCH pods/orders-1-0", "DELETE pods/orders-1-0");
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 422, 429, 500, 503})
    @DisplayName("nobody is told to serve writes, or shown as ready, when the route to them could not be set")
    void route(int code) {
        failOnce("PATCH services/orders-rw", code);
        assertThat(executor.run(List.of(ROUTE_2, LABEL_2, READY_2)).done()).isEmpty();
        assertThat(api.writes()).containsOnly("PATCH services/orders-rw");
        assertThat(executor.run(List.of(ROUTE_2, LABEL_2, READY_2)).failures()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {422, 429, 500, 503})
    @DisplayName("a member's data stays as long as what would start it anew could not be deleted")
    void removal(int code) {
        Action remove = new Action.RemoveMember("orders-1", "uid-of-set", "uid-of-claim");
        failOnce("DELETE statefulsets/orders-1", code);
        assertThat(executor.run(List.of(remove)).failures()).hasSize(1);
        assertThat(api.writes()).containsOnly("DELETE statefulsets/orders-1");
        api.forgetRequests();
        assertThat(executor.run(List.of(remove)).done()).containsExactly(remove);
        assertThat(api.writes())
                .containsExactly(
                        "DELETE statefulsets/orders-1", "DELETE persistentvolumeclaims/" + ORDERS.claim("orders-1"));
    }

    @Test
    @DisplayName("a pod that was made under the same name since is not deleted, and no failure")
    void anotherPod() {
        Action another = new Action.DeletePod("orders-1", "uid-of-one-before", Duration.ZERO, "it is stuck");
        assertThat(executor.run(List.of(another)).done()).containsExactly(another);
        assertThat(api.held(new PodBuilder().withMetadata(found("orders-1-0")).build()))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 422, 429, 500, 503})
    @DisplayName(
            "an object that could not be applied is told in the API server's words; the next pass applies it alone")
    void objects(int code) {
        failOnce("PATCH services/orders-rw", code);
        assertThat(applier.apply(List.of(service, secret, set)))
                .extracting(Applier.Refusal::toString)
                .containsExactly("Service orders-rw: " + WHY);
        api.forgetRequests();
        assertThat(applier.apply(List.of(service, secret, set))).isEmpty();
        assertThat(api.writes()).containsExactly("PATCH services/orders-rw");
        api.forgetRequests();
        assertThat(applier.apply(List.of(service, secret, set))).isEmpty();
        assertThat(api.writes()).isEmpty();
    }

    /**
     * A ValidatingAdmissionPolicy refuses with 422, too, unless it names another reason, and so does the API server a value that is too
     * long. The authority's key and the owner's password are nowhere else.
     */
    @Test
    @DisplayName("a Secret that is refused as it should be stays as it is")
    void refusedSecret() {
        api.holds(secret);
        failOnce("PATCH secrets/orders-ca", 422);
        assertThat(applier.apply(List.of(secret)))
                .extracting(Applier.Refusal::toString)
                .containsExactly("Secret orders-ca: " + WHY);
        assertThat(api.held(secret)).isPresent();
    }

    @Test
    @DisplayName("a Secret of which what cannot be changed is to change is made anew")
    void immutableSecret() {
        api.holds(secret);
        api.fail(
                "PATCH secrets/orders-ca",
                1,
                new Failure(
                        422,
                        WHY,
                        List.of("FieldValueInvalid", "Invalid value: \"kubernetes.io/tls\": field is immutable"),
                        null));
        assertThat(applier.apply(List.of(secret))).isEmpty();
        assertThat(api.writes())
                .containsExactly("PATCH secrets/orders-ca", "DELETE secrets/orders-ca", "PATCH secrets/orders-ca");
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 422, 429, 500, 503})
    @DisplayName("an event that could not be written is lost, and none after it")
    void events(int code) {
        failOnce("POST events", code);
        PostgresCluster cluster = new PostgresCluster();
        cluster.setMetadata(found("orders"));
        try (EventSink events = new EventSink(api.client(), "operator-1")) {
            events.tell(cluster, Event.warning("First", "lost"), NOW);
            events.tell(cluster, Event.warning("Second", "kept"), NOW);
            await().until(() -> api.requests().stream()
                    .anyMatch(it -> it.body().path("reason").asText().equals("Second")));
        }
        assertThat(api.requests())
                .filteredOn(it -> it.body().path("reason").asText().equals("Second"))
                .hasSize(1);
    }

    @Test
    @DisplayName("what another cluster has is not taken from it, though the cache knows it")
    void ofAnotherCluster() {
        Secret theirs = new SecretBuilder(secret)
                .editMetadata()
                .addToLabels(Labels.CLUSTER, "billing")
                .endMetadata()
                .build();
        there(theirs);
        assertThat(applier.apply(List.of(secret)))
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.toString()).contains("does not belong to this cluster"));
        assertThat(api.writes()).isEmpty();
    }

    /** So often that the operator sees it, once. */
    private void failOnce(String line, int code) {
        api.fail(line, code == 429 || code >= 500 ? 2 : 1, new Failure(code, WHY, List.of(), "0"));
    }

    /** In the API server, and told of by the watch. */
    private void there(HasMetadata item) {
        api.holds(item);
        cache.written(item);
    }

    private static ObjectMeta found(String name) {
        return new ObjectMetaBuilder(meta(name))
                .withUid("uid-of-" + name)
                .withResourceVersion("7")
                .addToAnnotations(Labels.HASH, "before")
                .build();
    }

    private static ObjectMeta meta(String name) {
        return new ObjectMetaBuilder()
                .withNamespace("shop")
                .withName(name)
                .addToLabels(Labels.CLUSTER, "orders")
                .addToAnnotations(Labels.HASH, "now")
                .build();
    }
}
