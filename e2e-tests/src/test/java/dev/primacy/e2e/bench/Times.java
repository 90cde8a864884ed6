package dev.primacy.e2e.bench;

import java.util.List;

/** Seconds, of several rounds. */
record Times(List<Double> seconds) {
    Times {
        seconds = seconds.stream().sorted().toList();
    }

    double median() {
        int middle = seconds.size() / 2;
        return seconds.size() % 2 == 1 ? seconds.get(middle) : (seconds.get(middle - 1) + seconds.get(middle)) / 2;
    }

    double worst() {
        return seconds.getLast();
    }
}
