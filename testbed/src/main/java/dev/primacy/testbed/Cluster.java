package dev.primacy.testbed;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.Optional;

/**
 * The cluster that a test runs against: the test bed, or one that a person names with {@code --context}.
 *
 * @param context the context of the person's own kubeconfig; empty for the test bed
 * @param testbed what can do faults; empty for a cluster of a person's own
 */
public record Cluster(Optional<String> context, Optional<Testbed> testbed) {

    /** The context given by {@code -Dprimacy.context=NAME}, else the test bed, which is started if need be. */
    public static Cluster current() {
        String context = System.getProperty("primacy.context", "");
        return context.isBlank()
                ? new Cluster(Optional.empty(), Optional.of(Testbed.up()))
                : new Cluster(Optional.of(context), Optional.empty());
    }

    /** A client with an administrator's access; the caller closes it. */
    public KubernetesClient client() {
        return testbed.map(Testbed::client)
                .orElseGet(() -> new KubernetesClientBuilder()
                        .withConfig(Config.autoConfigure(context.orElseThrow()))
                        .build());
    }
}
