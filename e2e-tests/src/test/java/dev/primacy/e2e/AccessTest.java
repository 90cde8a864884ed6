package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Script;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code spec.access}. Whether NetworkPolicies are enforced is the network plugin's; pg_hba.conf always decides. */
@EndToEnd
class AccessTest {
    private static final Duration RELOADED = Duration.ofSeconds(20);

    private Cluster cluster;

    @BeforeEach
    void apply(Space space) throws SQLException {
        cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        cluster.superuser("orders-1", "create role reports login password 'reportsPassword'");
        // Nobody but the owner may connect to the owner's database unless it says so.
        cluster.sql().run("grant connect on database app to reports");
        cluster.superuser("orders-1", "create database archive");
    }

    @Test
    void onlyWhatARuleAllowsGetsIn() {
        cluster.change("""
                access:
                  - {name: app, cidr: 0.0.0.0/0, databases: [app], roles: [app]}
                """);
        Eventually.within(
                RELOADED,
                "a role without a rule is refused",
                () -> assertThatThrownBy(() ->
                                cluster.sql().as("reports", "reportsPassword").value("select 1"))
                        .hasMessageContaining("no pg_hba.conf entry"));
        assertThatThrownBy(() -> cluster.sql().in("archive").value("select 1"))
                .as("another database than the rule's")
                .hasMessageContaining("no pg_hba.conf entry");
        allowed();
    }

    @Test
    void aNetworkThatIsNotListedIsRefused() {
        cluster.change("""
                access:
                  - {name: elsewhere, cidr: 192.0.2.0/24}
                """);
        Eventually.within(
                RELOADED,
                "this machine is refused",
                () -> assertThatThrownBy(() -> cluster.sql().value("select 1"))
                        .hasMessageContaining("no pg_hba.conf entry"));
        assertThat(Cluster.isReady(cluster.awaitReady().get()))
                .as("and the operator is not")
                .isTrue();
        cluster.change("access: null");
        Eventually.within(RELOADED, "without rules everybody with a password is let in", this::allowed);
    }

    @Test
    void aRejectionWinsOverAWiderRuleWhateverTheOrder() {
        cluster.change("""
                access:
                  - {name: all, cidr: 0.0.0.0/0}
                  - {name: not-these, cidr: 0.0.0.0/0, roles: [reports], method: reject}
                """);
        Eventually.within(
                RELOADED,
                "the rejected role is refused",
                () -> assertThatThrownBy(() ->
                                cluster.sql().as("reports", "reportsPassword").value("select 1"))
                        .hasMessageContaining("rejects connection"));
        allowed();
    }

    @Test
    @Full
    void connectionsInTheClearNeedARuleThatAllowsThem() {
        cluster.change("""
                access:
                  - {name: app, cidr: 0.0.0.0/0, roles: [app]}
                  - {name: legacy, cidr: 0.0.0.0/0, roles: [reports], tls: Allow}
                """);
        Eventually.within(
                RELOADED,
                "the legacy role connects without TLS",
                () -> assertThat(cluster.sql()
                                .as("reports", "reportsPassword")
                                .inTheClear()
                                .value("select 1"))
                        .isEqualTo("1"));
        assertThatThrownBy(() -> cluster.sql().inTheClear().value("select 1")).hasMessageContaining("no encryption");
    }

    @Test
    void selectorsBecomeANetworkPolicyThatLetsTheOperatorAndTheMembersIn(Space space) {
        assertThat(policy(space)).as("no rules, no policy").isNull();
        cluster.change("""
                access:
                  - name: app
                    podSelector: {matchLabels: {app: shop}}
                    namespaceSelector: {matchLabels: {team: web}}
                """);
        Eventually.within(
                RELOADED,
                "there is a NetworkPolicy",
                () -> assertThat(policy(space)).isNotNull());
        NetworkPolicy policy = policy(space);
        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress");
        assertThat(policy.getSpec().getPodSelector().getMatchLabels()).containsEntry("primacy.dev/cluster", "orders");
        assertThat(policy.getSpec().getIngress())
                .flatExtracting(rule -> rule.getFrom())
                .anySatisfy(peer -> assertThat(peer.getPodSelector().getMatchLabels())
                        .containsEntry("primacy.dev/cluster", "orders"))
                .anySatisfy(peer -> assertThat(peer.getPodSelector().getMatchLabels())
                        .containsEntry("app.kubernetes.io/name", "primacy"))
                .anySatisfy(peer -> {
                    assertThat(peer.getPodSelector().getMatchLabels()).containsEntry("app", "shop");
                    assertThat(peer.getNamespaceSelector().getMatchLabels()).containsEntry("team", "web");
                });
        cluster.awaitReady();
        cluster.change("access: null");
        Eventually.within(
                RELOADED,
                "it goes with the rules",
                () -> assertThat(policy(space)).isNull());
    }

    /** It is the NetworkPolicy that holds a rule with a selector to the pods that it selects. */
    @Test
    @Full
    void podsWithTheLabelsOfASelectorConnectAndOthersDoNotWherePoliciesAreEnforced(Space space) {
        try (Space elsewhere = space.another()) {
            Assumptions.assumeTrue(
                    enforcesPolicies(elsewhere),
                    "the network of this Kubernetes does not enforce NetworkPolicies: a pod was reached in spite of one that"
                            + " lets nobody in. The nodes that the test bed builds do not; k3s does by itself");
            cluster.change("""
                    access:
                      - {name: shop, podSelector: {matchLabels: {app: shop}}, roles: [app]}
                    """);
            Eventually.within(
                    RELOADED,
                    "there is a NetworkPolicy",
                    () -> assertThat(policy(space)).isNotNull());
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
            Script.Ended ofAnotherNamespace = Script.in(elsewhere, "other", untilItDoesNot())
                    .with("URI", uri)
                    .labelled("app", "shop")
                    .run();
            assertThat(ofAnotherNamespace.succeeded())
                    .as("kept out: %s", ofAnotherNamespace)
                    .isTrue();
            assertThat(Cluster.isReady(cluster.awaitReady().get()))
                    .as("the operator is let in")
                    .isTrue();
        }
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

    @Test
    @Full
    void aRuleThatPostgresqlRefusesIsReportedAndNotLoaded() {
        // The CRD cannot compile regular expressions; PostgreSQL does, and refuses the whole file.
        cluster.change("""
                access:
                  - {name: broken, cidr: 0.0.0.0/0, databases: ["/^(unclosed"]}
                """).await("the status says what PostgreSQL says", seen -> {
            String reason = seen.getStatus().reason();
            return reason != null && reason.contains("pg_hba.conf");
        });
        allowed();
        cluster.change("access: null").awaitReady();
        allowed();
    }

    private void allowed() {
        try {
            assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("1");
        } catch (SQLException e) {
            throw new AssertionError("the owner is not let in", e);
        }
    }

    private static NetworkPolicy policy(Space space) {
        return space.client()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(space.name())
                .withName("orders")
                .get();
    }
}
