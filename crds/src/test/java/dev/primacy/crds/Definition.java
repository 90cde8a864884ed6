package dev.primacy.crds;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The definition of PostgresCluster as the build generates it from the records, finished. */
record Definition(ObjectNode json) {
    private static final Path RAW = Path.of("target/generated-crds/postgresclusters.primacy.dev-v1.yml");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR));

    static Definition generate() throws IOException {
        ObjectNode json = (ObjectNode) YAML.readTree(Files.readString(RAW));
        DefinitionFinisher.finish(json);
        return new Definition(json);
    }

    ObjectNode schema() {
        return (ObjectNode) json.at("/spec/versions/0/schema/openAPIV3Schema");
    }

    String yaml() throws IOException {
        return "# Generated from the records in src/main/java; do not edit. To refresh: " + GeneratedFile.REFRESH + "\n"
                + YAML.writeValueAsString(json);
    }
}
