package dev.primacy.operator.kube;

import java.time.Duration;

/** How long certificates are valid. They are made anew when two thirds of it are over. */
public record Lives(Duration authority, Duration certificate) {
    private static final Duration LONGEST_TRUST_FIRST = Duration.ofSeconds(60);

    /**
     * For so long a new authority is trusted everywhere before the first certificate comes from it; touched pods have the files
     * within a second, others within the kubelet's minute.
     */
    Duration trustFirst() {
        Duration part = certificate.dividedBy(12);
        return part.compareTo(LONGEST_TRUST_FIRST) < 0 ? part : LONGEST_TRUST_FIRST;
    }
}
