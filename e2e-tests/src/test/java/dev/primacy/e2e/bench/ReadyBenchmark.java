package dev.primacy.e2e.bench;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Operator;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * From apply to the first committed write of a client outside the cluster, and to Ready; beside them a bare StatefulSet, and the operator's
 * own start. {@code -Dprimacy.bench.rounds} says how often (5).
 */
@Tag("bench")
@Timeout(3600)
@EnabledIfSystemProperty(named = "primacy.bench", matches = "all|ready")
class ReadyBenchmark {
    private static final int ROUNDS = Integer.getInteger("primacy.bench.rounds", 5);
    private static final String ON_CLAIM = "storage: {data: {persistentVolumeClaim: {size: 1Gi}}}\n";

    /** What a replica of the operator says when it is. */
    private static final Pattern READY = Pattern.compile("Ready (\\d+) ms after the start of the process");

    private final Report report =
            new Report("ready", "", "rounds", "write median", "write worst", "ready median", "ready worst", "goal", "");

    /** Both in seconds since the manifest was sent. */
    private record Sample(double write, double ready) {}

    @Test
    void ready() throws Exception {
        try (Site site = Site.withOperator(Map.of())) {
            double onClaim = floor(site, "bare StatefulSet, claim", true);
            double onEmptyDir = floor(site, "bare StatefulSet, emptyDir", false);
            measure(site, "Ephemeral", 1, "profile: Ephemeral", 1.5 * onEmptyDir, true, "1.5 × floor to write");
            measure(site, "1 member, claim", 1, ON_CLAIM + "instances: 1", 1.5 * onClaim, true, "1.5 × floor to write");
            measure(site, "3 members, claims", 1, ON_CLAIM + "instances: 3", 8, false, "Ready ≤ 8 s");
            measure(site, "10 Ephemeral at once", 10, "profile: Ephemeral", 15, false, "Ready ≤ 15 s");
            operator(site.operator(), 3);
            report.print();
        }
    }

    private double floor(Site site, String title, boolean onClaim) {
        List<Double> seconds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            inSpace(site, space -> {
                long began = System.nanoTime();
                Floor.apply(space, onClaim);
                seconds.add(since(began));
            });
        }
        Times times = new Times(seconds);
        report.row(
                record(title, 1, times, null, 0, false),
                title,
                Integer.toString(ROUNDS),
                shown(times.median()),
                shown(times.worst()),
                "–",
                "–",
                "",
                "");
        return times.median();
    }

    /** @param goal seconds, for the median write or, with several members or clusters, for the last of them to be Ready */
    private void measure(
            Site site, String title, int clusters, String spec, double goal, boolean goalIsWrite, String goalWords)
            throws IOException {
        List<Double> writes = new ArrayList<>();
        List<Double> ready = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            inSpace(site, space -> {
                List<Sample> samples = samples(space, clusters, spec);
                // Of several at once the last one counts.
                writes.add(samples.stream().mapToDouble(Sample::write).max().orElseThrow());
                ready.add(samples.stream().mapToDouble(Sample::ready).max().orElseThrow());
            });
        }
        Times written = new Times(writes);
        Times becameReady = new Times(ready);
        double reached = goalIsWrite ? written.median() : becameReady.median();
        report.row(
                record(title, clusters, written, becameReady, goal, reached <= goal),
                title,
                Integer.toString(ROUNDS),
                shown(written.median()),
                shown(written.worst()),
                shown(becameReady.median()),
                shown(becameReady.worst()),
                goalWords + " (" + shown(goal) + ")",
                reached <= goal ? "met" : "missed");
    }

    /** Both replicas start at once, on two nodes of the same machine; what each says of itself counts. */
    private void operator(Operator operator, double goal) {
        List<Double> seconds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<String> before = operator.podNames();
            operator.kill();
            Awaitility.await("all its pods are others")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> Collections.disjoint(operator.podNames(), before));
            operator.start();
            READY.matcher(operator.log())
                    .results()
                    .forEach(line -> seconds.add(Double.parseDouble(line.group(1)) / 1000));
        }
        String title = "operator, from its start";
        Times times = new Times(seconds);
        boolean met = times.median() <= goal;
        report.row(
                Map.of("case", title, "readySeconds", times.seconds(), "goalSeconds", goal, "met", met),
                title,
                Integer.toString(ROUNDS),
                "–",
                "–",
                shown(times.median()),
                shown(times.worst()),
                "Ready ≤ " + shown(goal),
                met ? "met" : "missed");
    }

    private static List<Sample> samples(Space space, int clusters, String spec) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Sample>> running = IntStream.rangeClosed(1, clusters)
                    .mapToObj(number -> threads.submit(
                            clusters == 1
                                    ? withAClient(space, "db" + number, spec)
                                    : readyFirst(space, "db" + number, spec)))
                    .toList();
            List<Sample> samples = new ArrayList<>();
            for (Future<Sample> each : running) {
                samples.add(each.get());
            }
            return samples;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    /** The client is there from the beginning. */
    private static Callable<Sample> withAClient(Space space, String name, String spec) {
        return () -> {
            long began = System.nanoTime();
            Cluster cluster = space.apply(name, spec);
            try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Double> ready = other.submit(() -> {
                    cluster.await("it is Ready", Duration.ofMinutes(5), Cluster::isReady);
                    return since(began);
                });
                FirstWrite.through(space.client(), space.name(), name);
                double write = since(began);
                return new Sample(write, ready.get());
            }
        };
    }

    /** As a pipeline does that asks for several: each client waits until its cluster is Ready, rather than take the time of the others. */
    private static Callable<Sample> readyFirst(Space space, String name, String spec) {
        return () -> {
            long began = System.nanoTime();
            space.apply(name, spec).await("it is Ready", Duration.ofMinutes(5), Cluster::isReady);
            double ready = since(began);
            FirstWrite.through(space.client(), space.name(), name);
            return new Sample(since(began), ready);
        };
    }

    /** A namespace of its own for each round; the next begins when this one's pods are gone. */
    private static void inSpace(Site site, Consumer<Space> round) {
        Space space = Space.create(site, "bench");
        try (space) {
            round.accept(space);
        }
        Awaitility.await("the round's namespace is gone")
                .atMost(Duration.ofMinutes(3))
                .until(() -> site.client().namespaces().withName(space.name()).get() == null);
    }

    private static double since(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static String shown(double seconds) {
        return "%.2f s".formatted(seconds);
    }

    private static Map<String, Object> record(
            String title,
            int clusters,
            Times writes,
            @org.jspecify.annotations.Nullable Times ready,
            double goal,
            boolean met) {
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("case", title);
        record.put("clusters", clusters);
        record.put("writeSeconds", writes.seconds());
        if (ready != null) {
            record.put("readySeconds", ready.seconds());
            record.put("goalSeconds", goal);
            record.put("met", met);
        }
        return record;
    }
}
