package dev.primacy.api.v1;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

public record ServiceOptions(
        Type type,
        Map<String, String> annotations,
        List<String> loadBalancerSourceRanges,
        @Nullable TrafficPolicy externalTrafficPolicy) {

    static final ServiceOptions DEFAULT = new ServiceOptions(Type.ClusterIP, Map.of(), List.of(), null);

    public ServiceOptions {
        type = Objects.requireNonNullElse(type, Type.ClusterIP);
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
