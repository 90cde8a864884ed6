package dev.primacy.e2e.bench;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What the leading operator uses while nothing happens, with more and more clusters: {@code -Dprimacy.clusters} (0,10,50), each time
 * after {@code -Dprimacy.bench.settle} seconds (120).
 */
@Tag("bench")
@Timeout(3600)
@EnabledIfSystemProperty(named = "primacy.bench", matches = "all|idle")
class IdleBenchmark {
    private static final List<Integer> CLUSTERS = Arrays.stream(
                    System.getProperty("primacy.clusters", "0,10,50").split(","))
            .map(Integer::valueOf)
            .toList();
    /** What the status still writes after a start is over by then, and most of what the JVM still compiles. */
    private static final Duration SETTLE = Duration.ofSeconds(Integer.getInteger("primacy.bench.settle", 120));

    private static final Duration MEASURED = Duration.ofSeconds(90);
    /** For how many clusters there is a goal. */
    private static final int JUDGED = 10;

    private static final double GOAL_PERCENT = 1;
    private static final int GOAL_MEBIBYTES = 150;
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void idle() throws IOException {
        Report report = new Report("idle", "idle clusters", "CPU of one core", "resident", "working set", "goal", "");
        try (Site site = Site.withOperator(Map.of());
                Space space = Space.create(site, "bench-idle")) {
            List<Cluster> clusters = new ArrayList<>();
            for (int wanted : CLUSTERS) {
                while (clusters.size() < wanted) {
                    clusters.add(space.apply("idle-" + clusters.size(), "profile: Ephemeral"));
                }
                clusters.forEach(cluster -> cluster.await("it is Ready", Duration.ofMinutes(5), Cluster::isReady));
                row(report, wanted, measure(site));
            }
            report.print();
        }
    }

    /** @param before and after: the kubelet's counts at least {@link #MEASURED} apart */
    private record Window(Usage before, Usage after) {}

    private static Window measure(Site site) {
        String leader = site.operator().leader().orElseThrow();
        Usage start = Usage.of(site, leader);
        Usage before = later(site, leader, start, SETTLE);
        return new Window(before, later(site, leader, before, MEASURED));
    }

    private static Usage later(Site site, String leader, Usage earlier, Duration distance) {
        Usage[] seen = new Usage[1];
        Eventually.within(distance.plusSeconds(60), "the kubelet has counted again", () -> {
            seen[0] = Usage.of(site, leader);
            Assertions.assertThat(seen[0].at()).isAfter(earlier.at().plus(distance));
        });
        return seen[0];
    }

    private static void row(Report report, int clusters, Window window) {
        double percent = window.after().percentSince(window.before());
        double resident = (double) window.after().residentBytes() / MEBIBYTE;
        double workingSet = (double) window.after().workingSetBytes() / MEBIBYTE;
        boolean judged = clusters == JUDGED;
        boolean met = percent <= GOAL_PERCENT && resident <= GOAL_MEBIBYTES;
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("clusters", clusters);
        record.put("cpuPercent", percent);
        record.put("residentMebibytes", resident);
        record.put("workingSetMebibytes", workingSet);
        if (judged) {
            record.put("goalCpuPercent", GOAL_PERCENT);
            record.put("goalResidentMebibytes", GOAL_MEBIBYTES);
            record.put("met", met);
        }
        report.row(
                record,
                Integer.toString(clusters),
                "%.2f %%".formatted(percent),
                "%.0f MiB".formatted(resident),
                "%.0f MiB".formatted(workingSet),
                judged ? "≤ %.0f %%, ≤ %d MiB".formatted(GOAL_PERCENT, GOAL_MEBIBYTES) : "",
                judged ? (met ? "met" : "missed") : "");
    }
}
