package dev.primacy.crds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;

/**
 * Adds to the generated definition of PostgresCluster what the generator's annotations cannot say: list types, the scale subresource,
 * the default of the status, the order of the columns, and bounds within types that are not ours.
 */
final class DefinitionFinisher {
    private static final List<String> COLUMNS =
            List.of("Instances", "Ready", "Status", "Primary", "Version", "Age", "Lag", "Reason");
    private static final String UNSEEN =
            "Waiting for the operator; does it run, and does it serve this namespace (watchNamespaces)?";
    private static final String QUANTITY = "^[0-9]+(\\.[0-9]+)?([KMGTPE]i|[mkMGTPE]|[eE][0-9]+)?$";

    private final ObjectNode definition;

    private DefinitionFinisher(ObjectNode definition) {
        this.definition = definition;
    }

    /** Finishes {@code definition} in place. */
    static void finish(ObjectNode definition) {
        new DefinitionFinisher(definition).run();
    }

    private void run() {
        names();
        columns();
        root();
        lists();
        selectors();
        conditions();
        kubernetesTypes();
        quantities(schema());
        rules(schema());
        scale();
    }

    private void names() {
        object(definition, "/spec/names").putArray("categories").add("primacy");
    }

    /** The generator sorts the columns by their paths. */
    private void columns() {
        ArrayNode columns = (ArrayNode) version().get("additionalPrinterColumns");
        List<JsonNode> sorted = columns.valueStream()
                .sorted(Comparator.comparingInt(
                        column -> COLUMNS.indexOf(column.get("name").asText())))
                .toList();
        columns.removeAll().addAll(sorted);
    }

    /**
     * Rules of the spec hold only where there is a spec; kstatus takes a resource without status for finished, and people see nothing in
     * the column Status.
     */
    private void root() {
        schema().put("description", "One primary/replica PostgreSQL cluster.");
        schema().putArray("required").add("spec");
        property("spec").put("description", "What is wanted. The operator never writes it.");
        property("status").put("description", "What the operator saw and decided.");
        property("status")
                .putObject("default")
                .put("observedGeneration", -1)
                .put("phase", "Waiting")
                .put("reason", UNSEEN);
    }

    /** Lists of named things merge by name under server-side apply; lists of scalars whose order means nothing merge as sets. */
    private void lists() {
        mapBy("name", property("spec", "access"));
        mapBy("name", property("spec", "connectionSecrets"));
        mapBy("name", property("spec", "pod", "imagePullSecrets"));
        mapBy("name", property("status", "members"));
        mapBy("type", property("status", "conditions"));
        set(property("spec", "access", "databases"));
        set(property("spec", "access", "roles"));
        set(property("spec", "services", "readWrite", "loadBalancerSourceRanges"));
        set(property("spec", "services", "readOnly", "loadBalancerSourceRanges"));
    }

    /** As Kubernetes itself treats label selectors: never merged, and complete. */
    private void selectors() {
        for (String name : List.of("podSelector", "namespaceSelector")) {
            ObjectNode selector = property("spec", "access", name);
            selector.put("x-kubernetes-map-type", "atomic");
            ObjectNode expressions = child(selector, "matchExpressions");
            expressions.put("maxItems", 32);
            ObjectNode items = object(expressions, "/items");
            ArrayNode operators = child(items, "operator").putArray("enum");
            operators.add("In").add("NotIn").add("Exists").add("DoesNotExist");
            child(items, "values").put("maxItems", 64);
            child(selector, "matchLabels").put("maxProperties", 32);
        }
    }

    private void conditions() {
        ObjectNode item = object(property("status", "conditions"), "/items");
        item.putArray("required").add("type").add("status");
        describe(item, "type", "What the condition is about.");
        describe(item, "status", "True, False or Unknown.");
        describe(item, "reason", "Why, in one word for programs.");
        describe(item, "message", "Why, and what to do next, in words.");
        describe(item, "lastTransitionTime", "When the status last changed.");
        describe(item, "observedGeneration", "metadata.generation that it speaks of.");
        ArrayNode values = child(item, "status").putArray("enum");
        values.add("True").add("False").add("Unknown");
    }

    private void kubernetesTypes() {
        KubernetesTypes types = new KubernetesTypes();
        for (String field :
                List.of("affinity", "imagePullSecrets", "resources", "tolerations", "topologySpreadConstraints")) {
            types.finish(field, property("spec", "pod", field));
        }
        types.finish("podSelector", property("spec", "access", "podSelector"));
        types.finish("namespaceSelector", property("spec", "access", "namespaceSelector"));
    }

    /** Quantities of ours have rules of their own; those in Kubernetes' types have at least their form checked. */
    private void quantities(JsonNode node) {
        if (node instanceof ObjectNode object && object.has("x-kubernetes-int-or-string")) {
            object.put("maxLength", 32);
            if (!object.has("x-kubernetes-validations")) {
                object.put("pattern", QUANTITY);
            }
            return;
        }
        node.valueStream().forEach(this::quantities);
    }

    /** The generator finds the annotations of a record's component at its field and again at its accessor. */
    private void rules(JsonNode node) {
        if (node.get("x-kubernetes-validations") instanceof ArrayNode rules) {
            List<JsonNode> distinct = rules.valueStream().distinct().toList();
            rules.removeAll().addAll(distinct);
        }
        node.valueStream().forEach(this::rules);
    }

    private void scale() {
        ObjectNode scale = object(version(), "/subresources").putObject("scale");
        scale.put("specReplicasPath", ".spec.instances");
        scale.put("statusReplicasPath", ".status.instances");
        scale.put("labelSelectorPath", ".status.selector");
    }

    private static void mapBy(String key, ObjectNode list) {
        list.put("x-kubernetes-list-type", "map");
        list.putArray("x-kubernetes-list-map-keys").add(key);
        object(list, "/items").putArray("required").add(key);
    }

    private static void set(ObjectNode list) {
        list.put("x-kubernetes-list-type", "set");
    }

    private static void describe(ObjectNode schema, String property, String description) {
        child(schema, property).put("description", description);
    }

    private ObjectNode version() {
        return object(definition, "/spec/versions/0");
    }

    private ObjectNode schema() {
        return object(version(), "/schema/openAPIV3Schema");
    }

    /** The schema of a field, through the items of lists on the way. */
    private ObjectNode property(String... path) {
        ObjectNode node = schema();
        for (String name : path) {
            node = child(node.has("items") ? object(node, "/items") : node, name);
        }
        return node;
    }

    private static ObjectNode child(ObjectNode schema, String property) {
        return object(schema, "/properties/" + property);
    }

    private static ObjectNode object(JsonNode node, String pointer) {
        if (node.at(pointer) instanceof ObjectNode found) {
            return found;
        }
        throw new IllegalStateException("the generated definition has no " + pointer
                + ": the records changed; change DefinitionFinisher with them");
    }
}
