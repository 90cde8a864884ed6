package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

@EndToEnd
class ConnectionSecretsTest {

    @Test
    void everyFormatHasTheKeysThatItsReadersExpect(Space space) {
        Cluster cluster = space.apply("orders", """
                storage: {data: {emptyDir: {}}}
                bootstrap: {initdb: {database: shop, owner: shopkeeper}}
                connectionSecrets:
                  - {name: binding}
                  - {name: backstage, format: Env}
                  - {name: harness, format: Harness}
                  - {name: composed, format: Crossplane}
                """).awaitReady();
        String host = "orders-rw." + space.name() + ".svc";
        Map<String, String> app = space.secretData("orders-app");
        String password = app.get("password");

        assertThat(Objects.requireNonNull(cluster.status().binding()).name()).isEqualTo("orders-app");
        assertThat(app)
                .containsEntry("type", "postgresql")
                .containsEntry("provider", "primacy")
                .containsEntry("host", host)
                .containsEntry("port", "5432")
                .containsEntry("database", "shop")
                .containsEntry("username", "shopkeeper")
                .containsKeys("uri", "certificates", "jdbc-url", "r2dbc-url", "sslmode", "ca.crt", "pgpass");
        assertThat(space.secretData("binding")).isEqualTo(app);
        assertThat(type(space, "binding")).isEqualTo("servicebinding.io/postgresql");
        assertThat(space.secretData("backstage"))
                .isEqualTo(Map.of(
                        "POSTGRES_HOST", host,
                        "POSTGRES_PORT", "5432",
                        "POSTGRES_USER", "shopkeeper",
                        "POSTGRES_PASSWORD", password,
                        "POSTGRES_DB", "shop"));
        assertThat(space.secretData("composed"))
                .isEqualTo(Map.of("endpoint", host, "port", "5432", "username", "shopkeeper", "password", password));
        assertThat(space.secretData("harness"))
                .containsOnlyKeys("user", "password", "cert")
                .containsEntry("user", "shopkeeper");
        Map<?, ?> values = Serialization.unmarshal(
                space.client()
                        .configMaps()
                        .inNamespace(space.name())
                        .withName("harness-override")
                        .get()
                        .getData()
                        .get("override.yaml"),
                Map.class);
        assertThat(values).extracting("global.database.postgres.hosts").isEqualTo(List.of(host + ":5432"));
        assertThat(values).extracting("global.database.postgres.secretName").isEqualTo("harness");
    }

    @Test
    void theUriInTheSecretConnectsFromAPodThatKnowsNothingElse(Space space) {
        space.apply("orders", Specs.ON_EMPTY_DIR).awaitReady();
        space.applyManifest("""
                apiVersion: v1
                kind: Pod
                metadata: {name: client}
                spec:
                  restartPolicy: Never
                  automountServiceAccountToken: false
                  securityContext: {runAsNonRoot: true, runAsUser: 999, seccompProfile: {type: RuntimeDefault}}
                  containers:
                    - name: psql
                      image: postgres:17
                      command: [bash, -c, 'psql -XAtqc "select current_user" "$URI"']
                      env: [{name: URI, valueFrom: {secretKeyRef: {name: orders-app, key: uri}}}]
                      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                """);
        var pod = space.client().pods().inNamespace(space.name()).withName("client");
        Eventually.soon(
                "psql has ended",
                () -> assertThat(pod.get().getStatus().getPhase()).isIn("Succeeded", "Failed"));
        assertThat(pod.getLog().strip()).isEqualTo("app");
    }

    @Test
    void anotherNamespaceGetsACopyOnlyIfItOptsIn(Space space) throws SQLException {
        try (Space other = space.another()) {
            Cluster cluster = space.apply("orders", """
                    storage: {data: {emptyDir: {}}}
                    connectionSecrets: [{name: orders-client, namespace: %s}]
                    """.formatted(other.name()))
                    .await(
                            "the status says how to opt in",
                            seen -> Cluster.says(seen, "primacy.dev/accept-secrets-from"));
            Eventually.soon(
                    "the database does not wait for that",
                    () -> assertThat(cluster.sql().value("select 1")).isEqualTo("1"));
            assertThat(other.client()
                            .secrets()
                            .inNamespace(other.name())
                            .withName("orders-client")
                            .get())
                    .isNull();

            space.site().kubectl("label", "namespace", other.name(), "primacy.dev/accept-secrets-from=" + space.name());
            Eventually.within(
                    Duration.ofSeconds(60),
                    "the copy is there",
                    () -> assertThat(other.secretData("orders-client")).isEqualTo(space.secretData("orders-app")));
            cluster.awaitReady();
            cluster.delete();
            cluster.awaitGone();
            Eventually.within(
                    Duration.ofSeconds(30),
                    "the copy went with the cluster",
                    () -> assertThat(other.client()
                                    .secrets()
                                    .inNamespace(other.name())
                                    .withName("orders-client")
                                    .get())
                            .isNull());
        }
    }

    @Test
    void aSecretOfSomebodyElsesIsNotOverwritten(Space space) {
        space.secret("taken", "Opaque", Map.of("mine", "yes"));
        space.apply("orders", Specs.ON_EMPTY_DIR + "\nconnectionSecrets: [{name: taken, format: Env}]")
                .await("the status names it", seen -> Cluster.says(seen, "taken"));
        assertThat(space.secretData("taken")).isEqualTo(Map.of("mine", "yes"));
    }

    /** A copied manifest, say. */
    @Test
    void aSecretOfAnotherClusterIsNotTakenFromIt(Space space) {
        String client = Specs.ON_EMPTY_DIR + "\nconnectionSecrets: [{name: db}]";
        space.apply("billing", client).awaitReady();
        Map<String, String> before = space.secretData("db");
        Cluster copied = space.apply("orders", client)
                .await("the status names it", seen -> Cluster.says(seen, "does not belong to this cluster"));
        assertThat(space.secretData("db")).isEqualTo(before);
        Eventually.soon(
                "an event, too",
                () -> assertThat(copied.events())
                        .anyMatch(event -> event.startsWith("NotApplied") && event.contains("db")));
    }

    private static String type(Space space, String secret) {
        return space.client()
                .secrets()
                .inNamespace(space.name())
                .withName(secret)
                .get()
                .getType();
    }
}
