package dev.primacy.crds;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Kubernetes' own types within ours (selectors, affinity, tolerations): their fields are described, and what Kubernetes would refuse in
 * the members' pods later is refused when the cluster is applied.
 */
final class KubernetesTypes {
    /** The fields that make a type known, and those of them without which Kubernetes refuses it. */
    private static final Map<Set<String>, List<String>> REQUIRED = Map.of(
            Set.of("key", "operator", "values"), List.of("key", "operator"),
            Set.of("topologyKey", "labelSelector"), List.of("topologyKey"),
            Set.of("weight", "podAffinityTerm"), List.of("weight", "podAffinityTerm"),
            Set.of("weight", "preference"), List.of("weight", "preference"),
            Set.of("maxSkew", "topologyKey", "whenUnsatisfiable"),
                    List.of("maxSkew", "topologyKey", "whenUnsatisfiable"),
            Set.of("nodeSelectorTerms"), List.of("nodeSelectorTerms"),
            Set.of("name", "request"), List.of("name"));

    private static final Map<String, List<String>> VALUES = Map.of(
            "whenUnsatisfiable", List.of("DoNotSchedule", "ScheduleAnyway"),
            "effect", List.of("NoSchedule", "PreferNoSchedule", "NoExecute"),
            "nodeAffinityPolicy", List.of("Honor", "Ignore"),
            "nodeTaintsPolicy", List.of("Honor", "Ignore"));

    private final Properties descriptions = read();

    /** @param parent name of the field that {@code schema} belongs to */
    void finish(String parent, ObjectNode schema) {
        if (schema.get("items") instanceof ObjectNode items) {
            finish(parent, items);
        }
        if (!(schema.get("properties") instanceof ObjectNode properties)) {
            return;
        }
        require(schema, properties);
        properties.properties().forEach(field -> {
            ObjectNode property = (ObjectNode) field.getValue();
            describe(parent, field.getKey(), property);
            finish(field.getKey(), property);
        });
    }

    private static void require(ObjectNode schema, ObjectNode properties) {
        Set<String> names = properties.propertyStream().map(Map.Entry::getKey).collect(Collectors.toSet());
        // Sorted, since the order in which a map is walked differs from run to run.
        Set<String> required = new TreeSet<>();
        REQUIRED.forEach((mark, fields) -> {
            if (names.containsAll(mark)) {
                required.addAll(fields);
            }
        });
        if (!required.isEmpty() && !schema.has("required")) {
            required.forEach(schema.putArray("required")::add);
        }
    }

    private void describe(String parent, String name, ObjectNode property) {
        if (!property.has("description")) {
            String description = descriptions.getProperty(parent + "." + name, descriptions.getProperty(name));
            if (description != null) {
                property.put("description", description);
            }
        }
        List<String> values = VALUES.get(name);
        if (values != null) {
            ArrayNode allowed = property.putArray("enum");
            values.forEach(allowed::add);
        }
        if (name.equals("weight")) {
            property.put("minimum", 1).put("maximum", 100);
        }
    }

    private static Properties read() {
        Properties properties = new Properties();
        try (InputStream in = KubernetesTypes.class.getResourceAsStream("/kubernetes-descriptions.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
