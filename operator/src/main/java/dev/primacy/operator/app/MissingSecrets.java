package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.decide.Expiry;
import dev.primacy.operator.kube.EventSink;
import dev.primacy.operator.kube.StatusWriter;
import dev.primacy.operator.kube.WaitingStatus;
import dev.primacy.operator.model.Now;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Nothing is begun before the Secrets that the user has to give are there. */
final class MissingSecrets {
    /** Their watch tells when they come; this is for a watch that does not. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final KubernetesClient client;
    private final StatusWriter status;
    private final EventSink events;

    MissingSecrets(KubernetesClient client, StatusWriter status, EventSink events) {
        this.client = client;
        this.status = status;
        this.events = events;
    }

    /** @param problems what is missing or wrong, in words */
    Next await(PostgresCluster cluster, List<String> problems, Now now) {
        Optional<Duration> left = Expiry.remaining(
                cluster.getSpec(), Instant.parse(cluster.getMetadata().getCreationTimestamp()), now.wall());
        if (left.filter(it -> !it.isPositive()).isPresent()) {
            events.say(cluster, Expiry.event(cluster.getSpec()), now.wall());
            return delete(cluster);
        }
        String words = String.join("; ", problems);
        events.say(cluster, Event.warning("WaitingForSecret", words), now.wall());
        StatusWriter.Result written = status.write(
                cluster,
                WaitingStatus.of(cluster.getStatus(), cluster.getMetadata().getGeneration(), words, now.wall()),
                now.monotonic());
        Duration again = written.isToBeTriedAgain() ? Pass.AGAIN : AGAIN;
        return new Next.Rest(left.filter(it -> it.compareTo(again) < 0).orElse(again));
    }

    /** Only as it was read: it may have been paused, or another made under its name, since. */
    private Next delete(PostgresCluster cluster) {
        try {
            client.resource(cluster)
                    .lockResourceVersion(cluster.getMetadata().getResourceVersion())
                    .delete();
            return new Next.Rest(AGAIN);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return new Next.AtOnce(null, List.of());
        }
    }
}
