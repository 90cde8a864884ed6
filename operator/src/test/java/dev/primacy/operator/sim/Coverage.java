package dev.primacy.operator.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** How often each fault, rule and outcome occurred. */
final class Coverage {
    private final Map<String, long[]> counts = new HashMap<>();

    void hit(String what) {
        counts.computeIfAbsent(what, absent -> new long[1])[0]++;
    }

    void add(Coverage other) {
        other.counts.forEach((what, count) -> counts.computeIfAbsent(what, absent -> new long[1])[0] += count[0]);
    }

    long of(String what) {
        long[] count = counts.get(what);
        return count == null ? 0 : count[0];
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(counts).forEach((what, count) -> text.append(String.format("%12d  %s%n", count[0], what)));
        return text.toString();
    }
}
