package dev.primacy.e2e.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the operator renders – its golden files – meets a real API server. */
@Tag("crd")
@ExtendWith(Api.Provided.class)
class RenderedObjectsTest {
    private static final Path CASES = Path.of("../operator/src/test/resources/dev/primacy/operator/render/cases");

    static List<Path> cases() throws IOException {
        try (Stream<Path> files = Files.list(CASES)) {
            return files.filter(file -> file.toString().endsWith(".objects.yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    @DisplayName("every object is accepted strictly, and applying it again changes nothing")
    void acceptedAndStable(Path file, Api api) throws IOException {
        assumeTrue(api.bare() != null, "on a whole cluster these objects would come to life");
        for (GenericKubernetesResource object : Manifests.read(file)) {
            // The cluster that owns them is not there.
            object.getMetadata().setOwnerReferences(List.of());
            object.getMetadata().setNamespace(api.namespace());
            api.apply(object, "primacy");
            // An admission plugin's finalizer on a new claim is written down by the first apply after its creation.
            GenericKubernetesResource second = api.apply(object, "primacy");
            GenericKubernetesResource third = api.apply(object, "primacy");
            String name = object.getKind() + " " + object.getMetadata().getName();
            assertThat(third.getMetadata().getResourceVersion())
                    .as("resourceVersion of %s after a further apply", name)
                    .isEqualTo(second.getMetadata().getResourceVersion());
            api.resource(object).delete();
        }
    }
}
