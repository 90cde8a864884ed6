package dev.primacy.operator.kube;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.concurrent.Executors;

/** Makes the client as the operator needs it. */
public final class Kubernetes {
    /** A request that takes longer is given up: the next pass asks again. */
    private static final Duration REQUEST = Duration.ofSeconds(5);

    private Kubernetes() {}

    /**
     * Unknown enum values read as absent: a resource that a newer definition admitted must not end the process. Absent values
     * are left out when written.
     */
    public static ObjectMapper mapper() {
        return new ObjectMapper()
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
                .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL);
    }

    public static KubernetesClient client(ObjectMapper mapper) {
        return client(mapper, Config.autoConfigure(null));
    }

    public static KubernetesClient client(ObjectMapper mapper, Config config) {
        return new KubernetesClientBuilder()
                .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
                .withConfig(new ConfigBuilder(config)
                        .withUserAgent("primacy-operator")
                        .withRequestTimeout((int) REQUEST.toMillis())
                        .withConnectionTimeout((int) REQUEST.toMillis())
                        .withRequestRetryBackoffLimit(1)
                        .build())
                .withTaskExecutorSupplier(Executors::newVirtualThreadPerTaskExecutor)
                .build();
    }
}
