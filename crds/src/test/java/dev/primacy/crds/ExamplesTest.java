package dev.primacy.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.primacy.api.v1.PostgresClusterSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {
    private static final ObjectMapper YAML = new YAMLMapper(new YAMLFactory());

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("../examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    /** A field that the records dropped would be a field that does nothing. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void theRecordsKeepEverythingThatIsWritten(Path file) throws IOException {
        List<JsonNode> manifests = YAML.readerFor(JsonNode.class)
                .<JsonNode>readValues(Files.readString(file))
                .readAll();
        assertThat(manifests).isNotEmpty().allSatisfy(manifest -> {
            JsonNode spec = manifest.get("spec");
            JsonNode kept = YAML.valueToTree(YAML.treeToValue(spec, PostgresClusterSpec.class));
            assertContains(kept, spec, "spec");
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void saysWhatItIsFor(Path file) throws IOException {
        assertThat(Files.readAllLines(file).getFirst()).startsWith("# ").hasSizeGreaterThan(40);
    }

    private static void assertContains(JsonNode kept, JsonNode written, String path) {
        assertThat(kept.getNodeType()).as(path).isEqualTo(written.getNodeType());
        if (written.isObject()) {
            written.properties()
                    .forEach(field ->
                            assertContains(kept.path(field.getKey()), field.getValue(), path + "." + field.getKey()));
        } else if (written.isArray()) {
            assertThat(kept.size()).as(path).isEqualTo(written.size());
            for (int i = 0; i < written.size(); i++) {
                assertContains(kept.get(i), written.get(i), path + "[" + i + "]");
            }
        } else {
            assertThat(kept.asText()).as(path).isEqualTo(written.asText());
        }
    }
}
