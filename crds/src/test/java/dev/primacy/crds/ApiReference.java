package dev.primacy.crds;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the reference of the API, docs/api.md, from the definition: one table for each object, in the order of the tree. */
final class ApiReference {
    /** Types of Kubernetes' own, which its documentation describes better; by the field that has them. */
    private static final Map<String, String> FOREIGN = Map.of(
            "affinity",
                    "[Affinity](https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#scheduling)",
            "tolerations",
                    "[Tolerations](https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/)",
            "topologySpreadConstraints",
                    "[Constraints](https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/)",
            "resources", "[Resources](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/)",
            "podSelector",
                    "[Label selector](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/)",
            "namespaceSelector",
                    "[Label selector](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/)");

    private static final String HEAD = """
            # PostgresCluster

            `apiVersion: primacy.dev/v1`, `kind: PostgresCluster`, short name `pgc`. Generated from the definition; do not edit. To refresh:
            `%s`

            What may not be said is refused when it is applied, with a message that tells what to write instead; the rules of each object
            stand below its table. [examples/](../examples) shows manifests for each use, and
            [examples/invalid/](../examples/invalid) one for each refusal.

            The name of a cluster begins with a letter, has lower-case letters, digits and hyphens, and at most 49 of them, since Services,
            pods and labels are named after it. The definition needs Kubernetes 1.31 or newer, whose rules can read networks and quantities.
            """.formatted(GeneratedFile.REFRESH);

    private final StringBuilder text = new StringBuilder(HEAD);

    private ApiReference() {}

    static String of(Definition definition) {
        ApiReference reference = new ApiReference();
        JsonNode properties = definition.schema().get("properties");
        for (String part : List.of("spec", "status")) {
            JsonNode schema = properties.get(part);
            reference.object(new Child(part, description(schema), schema));
        }
        return reference.text.toString();
    }

    private record Child(String path, String description, JsonNode schema) {}

    private void object(Child object) {
        JsonNode schema = object.schema();
        text.append("\n## ").append(object.path()).append("\n\n");
        text.append(object.description()).append("\n\n");
        text.append("| Field | Type | Meaning |\n|---|---|---|\n");
        Set<String> required =
                schema.path("required").valueStream().map(JsonNode::asText).collect(Collectors.toSet());
        List<Child> children = new ArrayList<>();
        schema.path("properties").properties().forEach(field -> {
            String name = field.getKey();
            JsonNode property = field.getValue();
            row(name, property, required.contains(name));
            if (!FOREIGN.containsKey(name)) {
                child(object.path() + "." + name, property).ifPresent(children::add);
            }
        });
        rules(schema);
        children.forEach(this::object);
    }

    private static Optional<Child> child(String path, JsonNode property) {
        if (property.has("properties")) {
            return Optional.of(new Child(path, description(property), property));
        }
        JsonNode items = property.path("items");
        return items.has("properties")
                ? Optional.of(new Child(path + "[]", description(property), items))
                : Optional.empty();
    }

    private static String description(JsonNode schema) {
        return schema.path("description").asText().replace("<", "&lt;");
    }

    private void row(String name, JsonNode property, boolean required) {
        text.append("| `")
                .append(name)
                .append("` | ")
                .append(FOREIGN.getOrDefault(name, type(property)))
                .append(required ? ", required" : "")
                .append(" | ")
                .append(property.path("description")
                        .asText()
                        .replace("|", "\\|")
                        .replace("<", "&lt;"))
                .append(" |\n");
    }

    private static String type(JsonNode property) {
        if (property.has("x-kubernetes-int-or-string")) {
            return "quantity";
        }
        if (property.has("enum")) {
            return property.get("enum")
                    .valueStream()
                    .map(value -> "`" + value.asText() + "`")
                    .collect(Collectors.joining(" "));
        }
        return switch (property.path("type").asText()) {
            case "array" -> "list of " + type(property.get("items"));
            case "object" ->
                property.has("additionalProperties")
                        ? "map of " + type(property.get("additionalProperties"))
                        : "object";
            case "integer" -> "integer" + range(property);
            case String other -> other;
        };
    }

    private static String range(JsonNode property) {
        return property.has("minimum") && property.has("maximum")
                ? ", " + property.get("minimum").asLong() + "–"
                        + property.get("maximum").asLong()
                : "";
    }

    /** The rules' general messages: those of the object, then those of its fields. */
    private void rules(JsonNode schema) {
        Set<String> rules = new LinkedHashSet<>();
        messages(schema, rules);
        schema.path("properties").valueStream().forEach(property -> {
            if (!property.has("properties")) {
                messages(property, rules);
            }
        });
        if (!rules.isEmpty()) {
            text.append("\nRefused:\n\n");
            rules.forEach(
                    rule -> text.append("- ").append(rule.replace("<", "&lt;")).append("\n"));
        }
    }

    private static void messages(JsonNode schema, Set<String> into) {
        schema.path("x-kubernetes-validations")
                .valueStream()
                .filter(rule -> rule.has("message"))
                .map(rule ->
                        rule.get("message").asText() + names(rule.get("rule").asText()))
                .forEach(into::add);
    }

    /** The parameters that a rule about keys of a map refuses: listed, or all with a prefix, but for exceptions. */
    private static String names(String rule) {
        if (!rule.startsWith("!self.exists(k, ") || !rule.contains("k in [")) {
            return "";
        }
        String exceptions = quoted(rule, "!\\(k in \\[([^\\]]*)\\]\\)", "");
        String listed = quoted(rule.replaceAll("!\\(k in \\[[^\\]]*\\]\\)", ""), "k in \\[([^\\]]*)\\]", "");
        String prefixed = quoted(rule, "k\\.startsWith\\(('[^']*')\\)", "*");
        return ": "
                + Stream.of(listed, prefixed).filter(names -> !names.isEmpty()).collect(Collectors.joining(", "))
                + (exceptions.isEmpty() ? "" : ", but not " + exceptions);
    }

    private static String quoted(String rule, String pattern, String suffix) {
        return Pattern.compile(pattern)
                .matcher(rule)
                .results()
                .flatMap(match -> Arrays.stream(match.group(1).split(", ", -1)))
                .map(name -> "`" + name.replace("'", "") + suffix + "`")
                .collect(Collectors.joining(", "));
    }
}
