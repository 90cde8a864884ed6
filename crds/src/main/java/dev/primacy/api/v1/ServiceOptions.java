package dev.primacy.api.v1;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

public record ServiceOptions(
        @Nullable Type type,
        Map<String, String> annotations,
        List<String> loadBalancerSourceRanges,
        @Nullable TrafficPolicy externalTrafficPolicy) {

    public ServiceOptions {
        annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
        loadBalancerSourceRanges = loadBalancerSourceRanges == null ? List.of() : List.copyOf(loadBalancerSourceRanges);
    }

    public enum Type {
        ClusterIP,
        NodePort,
        LoadBalancer
    }

    public enum TrafficPolicy {
        Cluster,
        Local
    }
}
