package dev.primacy.operator.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.primacy.api.v1.PostgresCluster;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each case is a manifest, and all that is rendered from it. {@code ./dev generate} writes the files anew; what changed is then for
 * a person to read.
 */
class GoldenTest {
    private static final Path CASES = Path.of("src/test/resources/dev/primacy/operator/render/cases");

    /** Maps in the order of their keys: that of immutable maps differs from process to process. */
    private static final KubernetesSerialization YAML = new KubernetesSerialization(
            new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS), true);

    static List<String> cases() throws IOException {
        try (Stream<Path> files = Files.list(CASES)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".cluster.yaml"))
                    .map(name -> name.replace(".cluster.yaml", ""))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    @DisplayName("renders what the golden file holds")
    void rendersWhatTheGoldenFileHolds(String name) throws IOException {
        var cluster =
                Serialization.unmarshal(Files.readString(CASES.resolve(name + ".cluster.yaml")), PostgresCluster.class);
        var facts = name.endsWith("-bootstrap") ? Blueprints.bootstrapping(cluster) : Blueprints.runningFacts(cluster);

        String rendered = DesiredObjects.of(Blueprints.of(cluster, facts)).stream()
                .map(YAML::asYaml)
                .collect(Collectors.joining());

        Path golden = CASES.resolve(name + ".objects.yaml");
        if (Boolean.getBoolean("primacy.refresh")) {
            Files.writeString(golden, rendered);
        }
        assertThat(golden)
                .as("%s does not hold what is rendered; if the change is meant, run ./dev generate", golden)
                .content()
                .isEqualTo(rendered);
    }
}
