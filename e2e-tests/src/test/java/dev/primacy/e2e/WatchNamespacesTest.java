package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Operator;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The chart's {@code watchNamespaces}: who is not listed is not served, and the operator has no rights there. */
@Full
@Disturbing
class WatchNamespacesTest {
    private static final List<String> VERBS = List.of("get", "list", "watch", "create", "patch", "update", "delete");

    @Test
    void theListedNamespacesAreServedByRolesAndNoOtherIs(Space space, Site site) throws SQLException {
        try (Space second = space.another();
                Space other = space.another()) {
            Cluster unserved;
            site.operator().serve(space.name(), second.name());
            try {
                unserved = other.apply("orders", Specs.ONE);
                Cluster beside = second.apply("orders", "instances: 1\n" + Specs.ON_EMPTY_DIR);
                livesItsWholeLife(space);
                beside.awaitReady().seed();

                untouched(other, unserved);
                may(site, space.name());
                may(site, second.name());
                mayNot(site, other.name());
                mayNot(site, Operator.NAMESPACE);
                mayNot(site, null);
            } finally {
                site.operator().serve();
            }
            unserved.awaitReady().seed();
        }
    }

    /** With what the Roles allow a cluster is made, scaled, switched over and removed. */
    private static void livesItsWholeLife(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO + "\ndeletionPolicy: Delete")
                .awaitReady()
                .seed();
        String target = cluster.standbys().getFirst();
        cluster.switchOverTo(target);
        cluster.change("instances: 1").awaitReady();
        Eventually.soon(
                "the data is there",
                () -> assertThat(cluster.sql().value("select count(*) from seed"))
                        .isEqualTo("1"));
        assertThat(cluster.events()).anyMatch(event -> event.startsWith("SwitchingOver:"));
        cluster.delete();
        cluster.awaitGone();
    }

    private static void untouched(Space space, Cluster cluster) {
        PostgresCluster seen = cluster.get();
        assertThat(seen.getStatus().observedGeneration())
                .as("the operator has not seen it")
                .isEqualTo(-1);
        assertThat(seen.getStatus().reason()).contains("Waiting for the operator", "watchNamespaces");
        assertThat(seen.getMetadata().getFinalizers()).isEmpty();
        assertThat(space.objectsOf(cluster.name())).isEmpty();
    }

    private static void may(Site site, String namespace) {
        assertThat(allowed(site, namespace, "", "secrets")).as("Secrets").containsAll(VERBS);
        assertThat(allowed(site, namespace, "apps", "statefulsets"))
                .as("StatefulSets")
                .containsAll(VERBS);
    }

    /** @param namespace null: in all of them */
    private static void mayNot(Site site, @Nullable String namespace) {
        for (String resource : List.of("secrets", "configmaps", "services", "persistentvolumeclaims", "pods")) {
            assertThat(allowed(site, namespace, "", resource))
                    .as("%s in %s", resource, namespace)
                    .isEmpty();
        }
        assertThat(allowed(site, namespace, "apps", "statefulsets")).isEmpty();
        assertThat(allowed(site, namespace, "primacy.dev", "postgresclusters")).isEmpty();
    }

    /** What `kubectl auth can-i` tells of the operator's service account: the verbs to which the answer is yes. */
    private static List<String> allowed(Site site, @Nullable String namespace, String group, String resource) {
        String account = site.operator().leaderPod().getSpec().getServiceAccountName();
        return VERBS.stream()
                .filter(verb -> site.client()
                        .authorization()
                        .v1()
                        .subjectAccessReview()
                        .create(new SubjectAccessReviewBuilder()
                                .withNewSpec()
                                .withUser("system:serviceaccount:" + Operator.NAMESPACE + ":" + account)
                                .withGroups("system:serviceaccounts", "system:authenticated")
                                .withResourceAttributes(new ResourceAttributesBuilder()
                                        .withNamespace(namespace)
                                        .withVerb(verb)
                                        .withGroup(group)
                                        .withResource(resource)
                                        .build())
                                .endSpec()
                                .build())
                        .getStatus()
                        .getAllowed())
                .toList();
    }
}
