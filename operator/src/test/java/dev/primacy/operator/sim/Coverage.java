package dev.primacy.operator.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How often each fault, rule, event, action and outcome occurred. A name begins with its kind: "fault: node frozen". */
final class Coverage {
    private final Map<String, Long> counts = new HashMap<>();

    void hit(String what) {
        add(what, 1);
    }

    void add(String what, long count) {
        counts.merge(what, count, Long::sum);
    }

    void add(Coverage other) {
        other.counts.forEach(this::add);
    }

    Map<String, Long> counts() {
        return counts;
    }

    /** A paragraph for each kind. */
    static String report(Map<String, Long> counts) {
        StringBuilder text = new StringBuilder();
        counts.keySet().stream()
                .map(Coverage::kind)
                .distinct()
                .sorted()
                .forEach(kind -> text.append(kind)
                        .append(": ")
                        .append(counts.keySet().stream()
                                .filter(what -> kind(what).equals(kind))
                                .sorted()
                                .map(what -> name(what) + " " + counts.get(what))
                                .collect(Collectors.joining(", ")))
                        .append(System.lineSeparator()));
        return text.toString();
    }

    private static String kind(String what) {
        int colon = what.indexOf(':');
        return colon < 0 ? "all" : what.substring(0, colon);
    }

    private static String name(String what) {
        return what.substring(what.indexOf(':') + 1).strip();
    }
}
