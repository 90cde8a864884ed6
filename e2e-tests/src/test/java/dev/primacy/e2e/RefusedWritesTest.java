package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * The API server answers, and refuses one kind of write: a webhook that is down (500), a policy of the platform (422). What to do is said, and
 * nothing but the refusal's end is needed.
 */
@Full
@EndToEnd
class RefusedWritesTest {
    private static final Duration MENDED = Duration.ofSeconds(60);

    /** Whoever must be asked before such an object is written does not answer: the API server says 500. */
    private static final String UNANSWERED = """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: %1$s}
            webhooks:
              - name: down.example.com
                admissionReviewVersions: [v1]
                sideEffects: None
                failurePolicy: Fail
                timeoutSeconds: 1
                clientConfig: {url: "https://127.0.0.1:1/"}
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                rules: [{apiGroups: ["*"], apiVersions: ["*"], operations: [%2$s], resources: [%3$s]}]
            """;

    private static final String WITHOUT_LIMITS = """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: probe}
            spec:
              replicas: 0
              serviceName: probe
              selector: {matchLabels: {app: probe}}
              template:
                metadata: {labels: {app: probe}}
                spec: {containers: [{name: probe, image: none}]}
            """;

    @Test
    void aClusterComesUpOnceTheWebhookAnswers(Space space) throws SQLException {
        Cluster cluster = whileRefused(
                space,
                List.of(UNANSWERED.formatted(space.name(), "CREATE", "services, statefulsets")),
                () -> space.apply("orders", Specs.TWO)
                        .await("the status says who does not answer", seen -> Cluster.says(seen, "down.example.com")));
        cluster.await("it is Ready", MENDED, Cluster::isReady).seed();
    }

    @Test
    void whatAPolicyRefusesIsSaidInItsWordsAndTheMendedManifestIsEnough(Space space) throws SQLException {
        Cluster mended = whileRefused(space, policy(space.name()), () -> {
            Eventually.soon(
                    "the policy is in force",
                    () -> assertThatThrownBy(() -> space.applyManifest(WITHOUT_LIMITS))
                            .hasMessageContaining("every container must have limits"));
            Cluster cluster = space.apply("orders", Specs.ONE)
                    .await(
                            "the status says what the policy says",
                            seen -> Cluster.says(seen, "every container must have limits"));
            Eventually.soon(
                    "an event, which is written beside the passes, says it too",
                    () -> assertThat(cluster.events())
                            .anyMatch(event -> event.startsWith("NotApplied: StatefulSet orders-1: ")
                                    && event.contains("every container must have limits")));
            return cluster.change("pod: {resources: {limits: {memory: 512Mi}}}")
                    .await("it is Ready", MENDED, Cluster::isReady);
        });
        mended.seed();
    }

    /** Routing is one write. While that is refused clients find nobody who takes writes, and nothing is lost. */
    @Test
    void aSwitchoverIsThroughOnceItsServiceMayBeWritten(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady();
        Workload workload = Workload.begin(cluster);
        int timeline = workload.timeline();
        String target = cluster.standbys().getFirst();
        whileRefused(space, List.of(UNANSWERED.formatted(space.name(), "UPDATE", "services")), () -> {
            cluster.annotate("primacy.dev/switchover", target);
            return cluster.await("the status says who does not answer", seen -> Cluster.says(seen, "down.example.com"));
        });
        workload.awaitTimelineAfter(timeline);
        cluster.awaitReady();
        assertThat(cluster.primary()).isEqualTo(target);
        workload.end().holds("switchover while Services may not be written");
    }

    private static List<String> policy(String namespace) {
        return List.of("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: %1$s}
            spec:
              failurePolicy: Fail
              matchConstraints:
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [statefulsets]}]
              validations:
                - expression: "object.spec.template.spec.containers.all(c, has(c.resources.limits))"
                  message: every container must have limits
            """.formatted(namespace), """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata: {name: %1$s}
            spec: {policyName: %1$s, validationActions: [Deny]}
            """.formatted(namespace));
    }

    /** The objects are cluster-wide, and end with what is done. */
    private static Cluster whileRefused(Space space, List<String> objects, Supplier<Cluster> done) {
        try {
            objects.forEach(yaml -> space.client().resource(yaml).create());
            return done.get();
        } finally {
            objects.forEach(yaml -> space.client().resource(yaml).delete());
        }
    }
}
