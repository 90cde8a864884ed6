package dev.primacy.operator.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.kube.Kubernetes;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.postgres.Authority;
import dev.primacy.operator.render.Blueprint;
import dev.primacy.operator.render.DesiredObjects;
import dev.primacy.operator.render.InstanceScript;
import dev.primacy.operator.render.Materials;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run that meets nobody: it uses the classes that a start uses, so that the JVM can keep them ready in its cache. */
final class Training {
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    private Training() {}

    public static void main(String[] arguments) {
        ObjectMapper mapper = Kubernetes.mapper();
        Config nowhere = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://localhost:1")
                .build();
        try (KubernetesClient client = Kubernetes.client(mapper, nowhere)) {
            PostgresCluster cluster = client.getKubernetesSerialization().unmarshal("""
                    {"apiVersion": "primacy.dev/v1", "kind": "PostgresCluster",
                     "metadata": {"name": "sample", "namespace": "default", "uid": "1"},
                     "spec": {"instances": 2}}""", PostgresCluster.class);
            Instant now = Instant.now();
            Authority authority = Authority.create("training", now, Duration.ofDays(1));
            Authority.Issued issued = authority.client("primacy", now, Duration.ofDays(1));
            Materials.Certificate pair = new Materials.Certificate(issued.certificate(), issued.key());
            Settings settings = Settings.of(Map.of("POD_NAME", "training", "POD_NAMESPACE", "default"));
            List<?> objects = DesiredObjects.of(new Blueprint(
                    new Names("default", "sample"),
                    "1",
                    cluster.getSpec(),
                    Facts.NONE.withMembers(List.of("sample-1", "sample-2")),
                    settings.installation(),
                    new Materials(
                            new Materials.Authority(authority.certificate(), authority.key()),
                            authority.certificate(),
                            pair,
                            pair,
                            pair,
                            "password"),
                    InstanceScript.load()));
            objects.forEach(mapper::valueToTree);
            new Metrics(() -> false, uid -> java.util.Optional.empty()).scrape(Map.of());
            LOG.info("Rendered {} objects", objects.size());
        }
    }
}
