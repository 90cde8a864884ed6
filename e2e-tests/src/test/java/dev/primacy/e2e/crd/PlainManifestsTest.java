package dev.primacy.e2e.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What people who do without Helm apply. */
@Tag("crd")
@ExtendWith(Api.Provided.class)
class PlainManifestsTest {
    private static final Path MANIFESTS = Path.of("../helm/primacy.yaml");

    @Test
    @DisplayName(
            "every manifest is accepted strictly, applying them again changes nothing, and a cluster can be applied then")
    void installs(Api api) throws IOException {
        assumeTrue(api.bare() != null, "on a whole cluster this would install an operator");
        List<GenericKubernetesResource> manifests = Manifests.read(MANIFESTS);
        assertThat(manifests)
                .extracting(GenericKubernetesResource::getKind)
                .contains("Namespace", "CustomResourceDefinition", "ClusterRole", "ServiceAccount", "Deployment");

        Map<String, String> versions = new LinkedHashMap<>();
        for (GenericKubernetesResource manifest : manifests) {
            versions.put(name(manifest), version(api.applyWhereItBelongs(manifest, Api.MANAGER)));
        }
        for (GenericKubernetesResource manifest : manifests) {
            assertThat(version(api.applyWhereItBelongs(manifest, Api.MANAGER)))
                    .as("resourceVersion of %s after a further apply", name(manifest))
                    .isEqualTo(versions.get(name(manifest)));
        }

        GenericKubernetesResource cluster =
                Manifests.read(Manifests.EXAMPLES.resolve("quickstart.yaml")).getFirst();
        GenericKubernetesResource applied = api.apply(cluster, Api.MANAGER);
        assertThat(applied.<Integer>get("status", "observedGeneration"))
                .as("what the definition fills in")
                .isEqualTo(-1);
        api.resource(applied).delete();
    }

    private static String name(GenericKubernetesResource manifest) {
        return manifest.getKind() + " " + manifest.getMetadata().getName();
    }

    private static String version(GenericKubernetesResource resource) {
        return resource.getMetadata().getResourceVersion();
    }
}
