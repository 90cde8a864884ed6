package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Blueprint;
import dev.primacy.operator.render.DesiredObjects;
import dev.primacy.operator.render.Installation;
import dev.primacy.operator.render.InstanceScript;
import dev.primacy.operator.render.Materials;
import dev.primacy.operator.render.Materials.Authority;
import dev.primacy.operator.render.Materials.Certificate;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads what a start of the operator loads, and ends: the run from which the image's ahead-of-time cache is made. Nobody listens
 * where it connects to, so it works in a build without a network.
 */
final class Training {
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);
    private static final String NOWHERE = "127.0.0.1:1";

    private Training() {}

    public static void main(String[] arguments) {
        render();
        askKubernetes();
        askPostgres();
        LOG.info("training run over");
    }

    private static void render() {
        PostgresCluster cluster = Serialization.unmarshal("""
                {"apiVersion": "primacy.dev/v1", "kind": "PostgresCluster", "metadata": {"name": "a", "namespace": "a"},
                 "spec": {"instances": 3, "storage": {"data": {"persistentVolumeClaim": {"size": "1Gi"}}},
                          "access": [{"name": "a", "cidr": "10.0.0.0/8"}]}}""", PostgresCluster.class);
        Certificate certificate = new Certificate("", "");
        Blueprint blueprint = new Blueprint(
                new Names("a", "a"),
                "a",
                cluster.getSpec(),
                Facts.NONE.withMembers(List.of("a-1", "a-2", "a-3")).withInitdbMember("a-1"),
                new Installation(Map.of(), "IfNotPresent", "a", Map.of(), true),
                new Materials(new Authority("", ""), "", certificate, certificate, certificate, "a"),
                InstanceScript.load());
        DesiredObjects.of(blueprint)
                .forEach(object -> LOG.debug(
                        "rendered {} bytes", Serialization.asJson(object).length()));
    }

    private static void askKubernetes() {
        Config config = new ConfigBuilder()
                .withMasterUrl("http://" + NOWHERE)
                .withRequestRetryBackoffLimit(0)
                .build();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            client.resources(PostgresCluster.class).inAnyNamespace().list();
        } catch (KubernetesClientException e) {
            LOG.debug("as expected, nobody answered", e);
        }
    }

    private static void askPostgres() {
        try {
            DriverManager.getConnection("jdbc:postgresql://" + NOWHERE + "/postgres?connectTimeout=1")
                    .close();
        } catch (SQLException e) {
            LOG.debug("as expected, nobody answered", e);
        }
    }
}
