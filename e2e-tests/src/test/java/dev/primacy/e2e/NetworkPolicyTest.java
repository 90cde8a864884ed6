package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Script;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * {@code spec.access} with selectors, where the nodes enforce NetworkPolicies: it is the policy that holds a rule to the pods that it
 * selects, and a cluster has to live behind it.
 */
@Disturbing
@Full
class NetworkPolicyTest {
    private static final String SHOP_ALONE = """
            access:
              - {name: shop, podSelector: {matchLabels: {app: shop}}, roles: [app]}
            """;

    @BeforeEach
    void enforce(Site site, Space space) {
        site.enforcePolicies();
        try (Space scratch = space.another()) {
            boolean enforced = enforcesPolicies(scratch);
            assertThat(enforced || !site.isTestbed())
                    .as("the test bed enforces NetworkPolicies")
                    .isTrue();
            Assumptions.assumeTrue(
                    enforced,
                    "the network of this Kubernetes does not enforce NetworkPolicies: a pod was reached in spite of one that"
                            + " lets nobody in");
        }
    }

    @Test
    void podsWithTheLabelsOfASelectorConnectAndOthersDoNot(Space space) {
        space.apply("orders", Specs.ONE + "\n" + SHOP_ALONE).awaitReady();
        String uri = Objects.requireNonNull(space.secretData("orders-app").get("uri"));

        Script.Ended selected = Script.in(space, "selected", untilItConnects())
                .with("URI", uri)
                .labelled("app", "shop")
                .run();
        assertThat(selected).isEqualTo(new Script.Ended(true, "app"));
        Script.Ended unlabelled = Script.in(space, "unlabelled", untilItDoesNot())
                .with("URI", uri)
                .run();
        assertThat(unlabelled.succeeded()).as("kept out: %s", unlabelled).isTrue();
        assertThat(unlabelled.printed())
                .as("the network keeps it out, not PostgreSQL")
                .doesNotContain("FATAL");
        try (Space elsewhere = space.another()) {
            Script.Ended ofAnotherNamespace = Script.in(elsewhere, "other", untilItDoesNot())
                    .with("URI", uri)
                    .labelled("app", "shop")
                    .run();
            assertThat(ofAnotherNamespace.succeeded())
                    .as("kept out: %s", ofAnotherNamespace)
                    .isTrue();
        }
    }

    /** Cloning, streaming, grants, votes and a former primary's return all have to pass. */
    @Test
    void aClusterComesUpFailsOverAndHealsBehindItsPolicy(Space space) {
        Cluster cluster = space.apply("orders", Specs.THREE + "\n" + SHOP_ALONE).awaitReady();
        int timeline = cluster.timeline();
        String primary = cluster.primary();

        cluster.podResource(primary).withGracePeriod(0).delete();
        cluster.awaitTimelineAfter(timeline).awaitReady();

        String uri = Objects.requireNonNull(space.secretData("orders-app").get("uri"));
        assertThat(Script.in(space, "selected", untilItConnects())
                        .with("URI", uri)
                        .labelled("app", "shop")
                        .run())
                .isEqualTo(new Script.Ended(true, "app"));
        Eventually.soon(
                "everybody streams from the new primary",
                () -> assertThat(cluster.superuser(
                                cluster.primary(),
                                "select count(*) from pg_stat_replication where state = 'streaming'"))
                        .isEqualTo("2"));
    }

    /** Who enforces a policy may know a new pod's address a moment after the pod does. */
    private static String untilItConnects() {
        return "for attempt in {1..20}; do PGCONNECT_TIMEOUT=3 psql -XAtqc 'select current_user' \"$URI\" 2>/dev/null && exit;"
                + " sleep 0.5; done; exit 1";
    }

    private static String untilItDoesNot() {
        return "for attempt in {1..20}; do PGCONNECT_TIMEOUT=3 psql -XAtqc 'select current_user' \"$URI\" || exit 0;"
                + " sleep 0.5; done; exit 1";
    }

    /** @param scratch where nobody is let in from now on */
    private static boolean enforcesPolicies(Space scratch) {
        String server = Script.in(
                        scratch,
                        "server",
                        "initdb -D /tmp/data -U postgres --no-sync >/dev/null && exec postgres -D /tmp/data"
                                + " -c listen_addresses='*' -c unix_socket_directories=/tmp")
                .begin();
        String ask = "pg_isready -q -t 2 -h " + server;
        assertThat(Script.in(scratch, "before", "until " + ask + "; do sleep 0.2; done")
                        .run()
                        .succeeded())
                .as("without a policy the pod is reached")
                .isTrue();
        scratch.applyManifest("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: nobody}
                spec: {podSelector: {}, policyTypes: [Ingress]}
                """);
        return !Script.in(scratch, "after", "for attempt in {1..5}; do " + ask + " || exit 1; sleep 1; done")
                .run()
                .succeeded();
    }
}
