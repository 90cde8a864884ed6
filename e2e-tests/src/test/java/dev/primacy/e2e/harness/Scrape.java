package dev.primacy.e2e.harness;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the operator told Prometheus at one moment.
 *
 * @param text in the exposition format
 */
public record Scrape(String text) {
    private static final Pattern LABEL = Pattern.compile("([a-z]+)=\"([^\"]*)\"");

    /** The value that a metric has for each member of a cluster. */
    public Map<String, Double> ofMembers(Cluster cluster, String metric) {
        return samples(cluster, metric).stream()
                .filter(sample -> sample.labels().containsKey("member"))
                .collect(Collectors.toMap(sample -> sample.labels().get("member"), Sample::value));
    }

    /** The value that a metric has for a cluster. */
    public double of(Cluster cluster, String metric) {
        return samples(cluster, metric).stream()
                .map(Sample::value)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + metric + " of " + cluster.name()));
    }

    private record Sample(Map<String, String> labels, double value) {}

    private List<Sample> samples(Cluster cluster, String metric) {
        Predicate<Sample> isOfCluster =
                sample -> cluster.name().equals(sample.labels().get("cluster"))
                        && cluster.space().name().equals(sample.labels().get("namespace"));
        return text.lines()
                .filter(line -> line.startsWith(metric + "{"))
                .map(Scrape::sample)
                .filter(isOfCluster)
                .toList();
    }

    private static Sample sample(String line) {
        Map<String, String> labels = LABEL.matcher(line)
                .results()
                .collect(Collectors.toMap(label -> label.group(1), label -> label.group(2)));
        return new Sample(labels, Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
    }
}
