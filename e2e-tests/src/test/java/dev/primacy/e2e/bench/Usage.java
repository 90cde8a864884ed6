package dev.primacy.e2e.bench;

import dev.primacy.e2e.harness.Operator;
import dev.primacy.e2e.harness.Site;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a container has used so far, as its kubelet counts.
 *
 * @param at when the kubelet last counted
 * @param cpuSeconds since the container began
 * @param residentBytes memory that is really there (anonymous; without the page cache)
 * @param workingSetBytes what a memory limit is held against
 */
record Usage(Instant at, double cpuSeconds, long residentBytes, long workingSetBytes) {

    static Usage of(Site site, String operatorPod) {
        Pod pod = site.client()
                .pods()
                .inNamespace(Operator.NAMESPACE)
                .withName(operatorPod)
                .get();
        Map<?, ?> summary = Serialization.unmarshal(
                Objects.requireNonNull(site.client()
                        .raw("/api/v1/nodes/%s/proxy/stats/summary"
                                .formatted(pod.getSpec().getNodeName()))),
                Map.class);
        for (Object entry : (List<?>) Objects.requireNonNull(summary.get("pods"))) {
            Map<?, ?> stats = (Map<?, ?>) entry;
            Map<?, ?> reference = (Map<?, ?>) Objects.requireNonNull(stats.get("podRef"));
            if (pod.getMetadata().getUid().equals(reference.get("uid"))) {
                return of((Map<?, ?>) ((List<?>) Objects.requireNonNull(stats.get("containers"))).getFirst());
            }
        }
        throw new AssertionError("the kubelet does not count " + operatorPod + " yet");
    }

    private static Usage of(Map<?, ?> container) {
        Map<?, ?> cpu = (Map<?, ?>) Objects.requireNonNull(container.get("cpu"));
        Map<?, ?> memory = (Map<?, ?>) Objects.requireNonNull(container.get("memory"));
        return new Usage(
                Instant.parse(String.valueOf(cpu.get("time"))),
                number(cpu, "usageCoreNanoSeconds") / 1e9,
                (long) number(memory, "rssBytes"),
                (long) number(memory, "workingSetBytes"));
    }

    private static double number(Map<?, ?> map, String key) {
        return ((Number) Objects.requireNonNull(map.get(key), key)).doubleValue();
    }

    /** Per cent of one core between two counts. */
    double percentSince(Usage earlier) {
        double seconds = java.time.Duration.between(earlier.at, at).toMillis() / 1000.0;
        return 100 * (cpuSeconds - earlier.cpuSeconds) / seconds;
    }
}
