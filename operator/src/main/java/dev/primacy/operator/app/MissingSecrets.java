package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.decide.Expiry;
import dev.primacy.operator.kube.WaitingStatus;
import dev.primacy.operator.model.Now;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Nothing is begun before the Secrets that the user has to give are there. */
final class MissingSecrets {
    /** Their watch tells when they come; this is for a watch that does not. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final Parts parts;

    MissingSecrets(Parts parts) {
        this.parts = parts;
    }

    /** @param problems what is missing or wrong, in words */
    Next await(PostgresCluster cluster, List<String> problems, Now now) {
        Optional<Duration> left = Expiry.remaining(
                cluster.getSpec(), Instant.parse(cluster.getMetadata().getCreationTimestamp()), now.wall());
        if (left.filter(it -> !it.isPositive()).isPresent()) {
            parts.events().say(cluster, Expiry.event(cluster.getSpec()), now.wall());
            parts.client().resource(cluster).delete();
            return new Next.Rest(AGAIN);
        }
        String words = String.join("; ", problems);
        parts.events().say(cluster, Event.warning("WaitingForSecret", words), now.wall());
        parts.status()
                .write(
                        cluster,
                        WaitingStatus.of(
                                cluster.getStatus(), cluster.getMetadata().getGeneration(), words, now.wall()),
                        now.monotonic());
        return new Next.Rest(left.filter(it -> it.compareTo(AGAIN) < 0).orElse(AGAIN));
    }
}
