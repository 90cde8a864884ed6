package dev.primacy.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.api.v1.PostgresClusterStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What must hold of every field, whoever adds it. */
class DefinitionTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Field(String path, JsonNode schema, boolean inList) {}

    @Test
    void everyFieldIsDescribed() throws IOException {
        assertThat(fields())
                .filteredOn(
                        field -> !field.schema().path("description").asText().endsWith("."))
                .as("fields without a description that ends in a full stop")
                .extracting(Field::path)
                .isEmpty();
    }

    @Test
    void everyDefaultIsDescribed() throws IOException {
        assertThat(fields())
                .filteredOn(field -> field.schema().path("default").isValueNode())
                .isNotEmpty()
                .allSatisfy(field -> assertThat(
                                field.schema().path("description").asText())
                        .as(field.path())
                        .endsWith("Default: " + field.schema().path("default").asText() + "."));
    }

    /** The operator finds a status that records nothing, and a person why nothing happens. */
    @Test
    void aClusterThatNoOperatorHasSeenSaysSo() throws IOException {
        PostgresClusterStatus unseen = JSON.treeToValue(
                Definition.generate().schema().at("/properties/status/default"), PostgresClusterStatus.class);

        assertThat(unseen.observedGeneration()).isEqualTo(-1);
        assertThat(unseen.phase()).isEqualTo("Waiting");
        assertThat(unseen.reason()).startsWith("Waiting for the operator");
        assertThat(unseen)
                .isEqualTo(PostgresClusterStatus.NONE.withStanding(
                        -1, "Waiting", Objects.requireNonNull(unseen.reason()), List.of()));
    }

    /** A default within an item would make what was applied differ from what is read, for GitOps tools without end. */
    @Test
    void itemsOfListsHaveNoDefaults() throws IOException {
        assertThat(fields())
                .filteredOn(Field::inList)
                .filteredOn(field -> field.schema().has("default"))
                .extracting(Field::path)
                .isEmpty();
    }

    @Test
    void listsOfNamedThingsMergeByName() throws IOException {
        assertThat(fields())
                .filteredOn(field -> field.schema().at("/items/properties").has("name"))
                .filteredOn(field -> !field.path().endsWith(".claims"))
                .isNotEmpty()
                .allSatisfy(field -> assertThat(
                                field.schema().path("x-kubernetes-list-type").asText())
                        .as(field.path())
                        .isEqualTo("map"));
    }

    /** A resource that an older definition accepted reads as one that the API server has filled in. */
    @Test
    void theRecordsHaveTheSameDefaults() throws IOException {
        JsonNode ofRecords = JSON.valueToTree(JSON.readValue("{}", PostgresClusterSpec.class));

        assertThat(fields())
                .filteredOn(field -> field.path().startsWith(".spec.")
                        && field.schema().path("default").isValueNode())
                .filteredOn(field -> !ofRecords.at(pointer(field)).isMissingNode())
                .hasSizeGreaterThan(10)
                .allSatisfy(field -> assertThat(ofRecords.at(pointer(field)))
                        .as(field.path())
                        .isEqualTo(JSON.readTree(field.schema().path("default").toString())));
    }

    private static String pointer(Field field) {
        return field.path().substring(".spec".length()).replace('.', '/');
    }

    private static List<Field> fields() throws IOException {
        List<Field> fields = new ArrayList<>();
        collect("", Definition.generate().schema(), false, fields);
        return fields;
    }

    private static void collect(String path, JsonNode schema, boolean inList, List<Field> into) {
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            Field field = new Field(path + "." + property.getKey(), property.getValue(), inList);
            into.add(field);
            collect(field.path(), field.schema(), inList, into);
        }
        if (schema.get("items") instanceof ObjectNode items) {
            collect(path, items, true, into);
        }
    }
}
