package dev.primacy.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Whether an object is as the operator applied it: every field that it applies is there with its value. Fields that it does
 * not apply belong to others – defaults, the status, a tool's annotations – and are left alone.
 */
final class Drift {
    /** Maps that server-side apply owns as a whole (x-kubernetes-map-type: atomic): a further key changes the meaning. */
    private static final Set<String> WHOLE = Set.of("selector", "matchLabels", "nodeSelector", "data");

    private static final Pattern QUANTITY = Pattern.compile("[0-9.]+([eE][0-9]+|[numkKMGTPE]i?)?");

    private Drift() {}

    static boolean holds(JsonNode desired, JsonNode observed) {
        return holds("", desired, observed);
    }

    private static boolean holds(String field, JsonNode desired, JsonNode observed) {
        return switch (desired.getNodeType()) {
            case OBJECT -> {
                if (WHOLE.contains(field) && desired.size() != observed.size()) {
                    yield false;
                }
                for (Map.Entry<String, JsonNode> entry : desired.properties()) {
                    if (!holds(entry.getKey(), entry.getValue(), observed.path(entry.getKey()))) {
                        yield false;
                    }
                }
                yield true;
            }
            case ARRAY -> {
                if (desired.size() != observed.size()) {
                    yield false;
                }
                for (int i = 0; i < desired.size(); i++) {
                    if (!holds("", desired.get(i), observed.get(i))) {
                        yield false;
                    }
                }
                yield true;
            }
            // The API server leaves out what is empty, false or null.
            case NULL -> observed.isNull() || observed.isMissingNode();
            case STRING -> same(desired.asText(), observed.isMissingNode() ? "" : observed.asText());
            case BOOLEAN -> desired.asBoolean() == observed.asBoolean(false);
            default -> desired.asText().equals(observed.asText());
        };
    }

    /** Quantities come back in their canonical form: 1024Mi as 1Gi. */
    private static boolean same(String desired, String observed) {
        if (desired.equals(observed)) {
            return true;
        }
        return QUANTITY.matcher(desired).matches()
                && QUANTITY.matcher(observed).matches()
                && !desired.equals(".")
                && !observed.equals(".")
                && new Quantity(desired).equals(new Quantity(observed));
    }
}
