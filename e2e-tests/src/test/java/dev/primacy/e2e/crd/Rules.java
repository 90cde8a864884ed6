package dev.primacy.e2e.crd;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The rules of the definition, each known by the longest piece of its message that is the same for whatever it refuses. */
final class Rules {
    private static final Pattern LITERAL = Pattern.compile("'((?:[^'\\\\]|\\\\.)*)'");

    private Rules() {}

    static Set<String> messages() throws IOException {
        Set<String> messages = new LinkedHashSet<>();
        collect(
                new KubernetesSerialization()
                        .unmarshal(Files.readString(Api.DEFINITION), GenericKubernetesResource.class)
                        .getAdditionalProperties(),
                messages);
        return messages;
    }

    private static void collect(Object node, Set<String> into) {
        switch (node) {
            case Map<?, ?> map -> {
                if (map.get("x-kubernetes-validations") instanceof List<?> rules) {
                    rules.forEach(rule -> into.add(fixedPart((Map<?, ?>) rule)));
                }
                map.values().forEach(value -> collect(value, into));
            }
            case List<?> list -> list.forEach(value -> collect(value, into));
            default -> {}
        }
    }

    private static String fixedPart(Map<?, ?> rule) {
        Object expression = rule.get("messageExpression");
        Stream<String> pieces = expression == null
                ? Stream.of(String.valueOf(rule.get("message")))
                : LITERAL.matcher(expression.toString())
                        .results()
                        .flatMap(literal -> Arrays.stream(
                                literal.group(1).replace("\\'", "'").split("%s", -1)));
        return pieces.max(Comparator.comparingInt(String::length)).orElseThrow();
    }
}
