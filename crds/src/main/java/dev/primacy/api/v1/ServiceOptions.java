package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a Service is exposed. */
@ValidationRule(
        value =
                "!has(self.loadBalancerSourceRanges) || size(self.loadBalancerSourceRanges) == 0 || self.type == 'LoadBalancer'",
        messageExpression =
                "'loadBalancerSourceRanges has no effect on a Service of type %s: write type: LoadBalancer, or name the "
                        + "networks in spec.access'.format([self.type])",
        message = "loadBalancerSourceRanges needs type: LoadBalancer")
@ValidationRule(
        value = "!has(self.externalTrafficPolicy) || self.type != 'ClusterIP'",
        message = "externalTrafficPolicy has no effect on a Service of type ClusterIP: write type: LoadBalancer or"
                + " NodePort, or leave it out")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ServiceOptions(
        @JsonPropertyDescription(
                "ClusterIP: reached from within Kubernetes. NodePort: from outside, on a port of every node. LoadBalancer: from"
                        + " outside, by an address of the cloud. Default: ClusterIP.")
        @Default("ClusterIP")
        Type type,

        @JsonPropertyDescription("Annotations of the Service, such as those that a cloud's load balancer reads.")
        @Size(max = 64)
        @ValidationRule(
                value = "!self.exists(k, k.startsWith('primacy.dev/'))",
                messageExpression =
                        "'%s: annotations under primacy.dev/ are the operator\\'s: choose another prefix'.format([self.filter(k, "
                                + "k.startsWith('primacy.dev/'))])",
                message = "annotations under primacy.dev/ are the operator's: choose another prefix")
        Map<String, String> annotations,

        @JsonPropertyDescription(
                "Networks, in CIDR notation, that the load balancer lets through. Empty or absent: all.")
        @Size(max = 64)
        @ValidationRule(
                value = "self.all(r, isCIDR(r))",
                messageExpression =
                        "'%s: not a network in CIDR notation: write 203.0.113.0/24, say; a single address has "
                                + "/32'.format([self.filter(r, !isCIDR(r))])",
                message = "not a network in CIDR notation: write 203.0.113.0/24, say")
        List<@Size(min = 1, max = 43) String> loadBalancerSourceRanges,

        @JsonPropertyDescription(
                "Cluster: any node forwards, and PostgreSQL sees a node's address. Local: only nodes with a member forward, and"
                        + " PostgreSQL sees the client's own address, which rules with a cidr need. Absent:"
                        + " Kubernetes' default, Cluster.")
        @Nullable
        TrafficPolicy externalTrafficPolicy) {

    static final ServiceOptions DEFAULT = new ServiceOptions(Type.ClusterIP, Map.of(), List.of(), null);

    public ServiceOptions {
        type = Objects.requireNonNullElse(type, Type.ClusterIP);
        annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
        loadBalancerSourceRanges = loadBalancerSourceRanges == null ? List.of() : List.copyOf(loadBalancerSourceRanges);
    }

    /** As {@code Service.spec.type}. */
    public enum Type {
        ClusterIP,
        NodePort,
        LoadBalancer
    }

    /** As {@code Service.spec.externalTrafficPolicy}. */
    public enum TrafficPolicy {
        Cluster,
        Local
    }
}
