package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
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
    void aRoleIsLetInByACertificateThatIsMadeOutToIt(Space space) {
        cluster.change("""
                access:
                  - {name: app, cidr: 0.0.0.0/0, roles: [app]}
                  - {name: reports, cidr: 0.0.0.0/0, roles: [reports], method: cert}
                """);
        Eventually.within(
                RELOADED,
                "by its certificate",
                () -> assertThat(byCertificate(space, "reports", "reports")).isEqualTo("reports"));
        assertThatThrownBy(() -> byCertificate(space, "app", "reports"))
                .as("made out to another role")
                .hasMessageContaining("certificate authentication failed for user \"reports\"");
        assertThatThrownBy(() -> cluster.sql().as("reports", "reportsPassword").value("select 1"))
                .as("by password")
                .hasMessageContaining("connection requires a valid client certificate");
    }

    /** As docs/configuration.md tells to make one and to use it. */
    private String byCertificate(Space space, String commonName, String role) {
        Map<String, String> authority = space.secretData("orders-ca");
        return cluster.exec(
                        "orders-1",
                        "bash",
                        "-c",
                        """
                        set -e; umask 077; cd "$(mktemp -d)"
                        printf %s "$1" >ca-tls.crt; printf %s "$2" >ca-tls.key
                        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$3" -keyout client.key -out client.csr 2>/dev/null
                        openssl x509 -req -in client.csr -CA ca-tls.crt -CAkey ca-tls.key -CAcreateserial -days 90 -extfile <(echo extendedKeyUsage=clientAuth) -out client.crt 2>/dev/null
                        psql -XAtqc 'select current_user' "host=orders-rw.$5.svc dbname=app user=$4 sslmode=verify-full sslrootcert=ca-tls.crt sslcert=client.crt sslkey=client.key"
                        """,
                        "bash",
                        Objects.requireNonNull(authority.get("tls.crt")),
                        Objects.requireNonNull(authority.get("tls.key")),
                        commonName,
                        role,
                        space.name())
                .strip();
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

    @Test
    @Full
    void aRuleThatPostgresqlRefusesIsReportedAndNotLoaded() {
        // The CRD cannot compile regular expressions; PostgreSQL does, and refuses the whole file.
        cluster.change("""
                access:
                  - {name: broken, cidr: 0.0.0.0/0, databases: ["/^(unclosed"]}
                """).await("the status says what PostgreSQL says", seen -> Cluster.says(seen, "pg_hba.conf"));
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
