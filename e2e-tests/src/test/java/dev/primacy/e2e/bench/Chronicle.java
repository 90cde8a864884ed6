package dev.primacy.e2e.bench;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Operator;
import dev.primacy.e2e.harness.Site;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Where the time of an outage went: what operator, members and kubelets said meanwhile, in order. */
final class Chronicle {
    private static final Duration MARGIN = Duration.ofSeconds(1);
    private static final int WIDTH = 200;

    /** @param who said it */
    private record Line(Instant at, String who, String words) {}

    private Chronicle() {}

    /** Times are counted from the fault. What a lost node has cannot be had, and is left out. */
    static String of(Site site, Cluster cluster, Instant fault, Pulse.Gap gap) {
        KubernetesClient client = site.client();
        List<Line> lines = new ArrayList<>();
        lines.add(new Line(gap.began(), "client", "last write acknowledged"));
        lines.add(new Line(fault, "benchmark", "the fault"));
        lines.add(new Line(gap.ended(), "client", "first write acknowledged again"));
        site.operator().pods().list().getItems().forEach(pod -> log(client, Operator.NAMESPACE, pod, fault, lines));
        client.pods()
                .inNamespace(cluster.space().name())
                .list()
                .getItems()
                .forEach(pod -> log(client, cluster.space().name(), pod, fault, lines));
        events(client, cluster, lines);
        StringBuilder text = new StringBuilder();
        lines.stream()
                .filter(line -> line.at().isAfter(gap.began().minus(MARGIN))
                        && line.at().isBefore(gap.ended().plus(MARGIN)))
                .sorted(Comparator.comparing(Line::at))
                .distinct()
                .forEach(line -> text.append("    %+8.3f s  %-28s %s%n"
                        .formatted(
                                Duration.between(fault, line.at()).toMillis() / 1000.0,
                                line.who(),
                                line.words()
                                        .substring(
                                                0, Math.min(WIDTH, line.words().length())))));
        return text.toString();
    }

    private static void log(KubernetesClient client, String namespace, Pod pod, Instant since, List<Line> lines) {
        String name = pod.getMetadata().getName();
        try {
            client.pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .usingTimestamps()
                    .sinceTime(since.minus(MARGIN.multipliedBy(2))
                            .truncatedTo(ChronoUnit.SECONDS)
                            .toString())
                    .getLog()
                    .lines()
                    .flatMap(line -> line(name, line))
                    .forEach(lines::add);
        } catch (KubernetesClientException e) {
            // Its node does not answer.
        }
    }

    private static Stream<Line> line(String who, String line) {
        int end = line.indexOf(' ');
        if (end < 0) {
            return Stream.empty();
        }
        try {
            return Stream.of(new Line(Instant.parse(line.substring(0, end)), who, words(line.substring(end + 1))));
        } catch (DateTimeParseException e) {
            return Stream.empty();
        }
    }

    /** The operator writes JSON, the members plain lines. */
    private static String words(String line) {
        if (!line.startsWith("{")) {
            return line;
        }
        Map<?, ?> fields = Serialization.unmarshal(line, Map.class);
        return fields.get("level") + " " + fields.get("formattedMessage");
    }

    private static void events(KubernetesClient client, Cluster cluster, List<Line> lines) {
        client.events().v1().events().inNamespace(cluster.space().name()).list().getItems().stream()
                .filter(event -> event.getEventTime() != null)
                .forEach(event -> lines.add(new Line(
                        OffsetDateTime.parse(event.getEventTime().getTime()).toInstant(),
                        "event",
                        event.getReason() + ": " + event.getNote())));
    }
}
