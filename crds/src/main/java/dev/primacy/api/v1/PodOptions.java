package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How the members' pods are placed and sized. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PodOptions(
        @JsonPropertyDescription("Further labels and annotations of the pods.")
        PodMetadata metadata,

        @JsonPropertyDescription(
                "CPU and memory of each PostgreSQL container: requests and limits. Absent: none, which suits tests alone.")
        @ValidationRule(
                value = "!has(self.requests) || !has(self.limits) || ['cpu', 'memory'].all(r, " + WITHIN_LIMIT + ")",
                messageExpression = "'requests of %s exceed the limits: write at most as much, or raise the limits'"
                        + ".format([['cpu', 'memory'].filter(r, !(" + WITHIN_LIMIT + "))])")
        @Nullable
        ResourceRequirements resources,

        @JsonPropertyDescription("Labels that a node must have to run a member. Absent: any node will do.")
        @Size(max = 64)
        Map<String, String> nodeSelector,

        @JsonPropertyDescription("Kubernetes affinity of the pods. Absent: members prefer different nodes and zones.")
        @Nullable
        Affinity affinity,

        @JsonPropertyDescription("Node taints that the pods tolerate. Absent: none but Kubernetes' own.")
        @Size(max = 64)
        List<Toleration> tolerations,

        @JsonPropertyDescription("How members are spread over zones, nodes and the like. Absent: as affinity says.")
        @Size(max = 16)
        List<TopologySpreadConstraint> topologySpreadConstraints,

        @JsonPropertyDescription("Name of the pods' PriorityClass. Absent: the Kubernetes cluster's default.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Formats.SUBDOMAIN, messageExpression = Formats.NOT_A_SUBDOMAIN)
        @Nullable
        String priorityClassName,

        @JsonPropertyDescription("Secrets with the registry's credentials, in the cluster's namespace. Absent: none.")
        @Size(max = 16)
        List<LocalObjectReference> imagePullSecrets,

        @JsonPropertyDescription(
                "User id that PostgreSQL runs as; never 0. Any works. Absent: 999, the stock image's (70 in its Alpine variant); on"
                        + " OpenShift the namespace's.")
        @Min(1)
        @Max(2147483647)
        @Nullable
        Long runAsUser,

        @JsonPropertyDescription("Group id that owns the volumes; never 0. Absent: as runAsUser.")
        @Min(1)
        @Max(2147483647)
        @Nullable
        Long fsGroup) {

    private static final String WITHIN_LIMIT = "!(r in self.requests) || !(r in self.limits)"
            + " || !isQuantity(string(self.requests[r])) || !isQuantity(string(self.limits[r]))"
            + " || quantity(string(self.requests[r])).compareTo(quantity(string(self.limits[r]))) <= 0";

    static final PodOptions DEFAULT = new PodOptions(
            PodMetadata.DEFAULT, null, Map.of(), null, List.of(), List.of(), null, List.of(), null, null);

    public PodOptions {
        metadata = Objects.requireNonNullElse(metadata, PodMetadata.DEFAULT);
        nodeSelector = nodeSelector == null ? Map.of() : Map.copyOf(nodeSelector);
        tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
        topologySpreadConstraints =
                topologySpreadConstraints == null ? List.of() : List.copyOf(topologySpreadConstraints);
        imagePullSecrets = imagePullSecrets == null ? List.of() : List.copyOf(imagePullSecrets);
    }

    /** What is added to the pods' own labels and annotations. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record PodMetadata(
            @JsonPropertyDescription(
                    "Labels added to the pods. Those under primacy.dev/ and app.kubernetes.io/ are the operator's.")
            @Size(max = 32)
            @ValidationRule(
                    value = "!self.exists(k, " + RESERVED + ")",
                    messageExpression =
                            "'%s: labels under primacy.dev/ and app.kubernetes.io/ are the operator\\'s, Services select by them: "
                                    + "choose another prefix'.format([self.filter(k, "
                                    + RESERVED
                                    + ")])",
                    message =
                            "labels under primacy.dev/ and app.kubernetes.io/ are the operator's: choose another prefix")
            @ValidationRule(
                    value = "self.all(k, " + KEY_SYNTAX + ")",
                    messageExpression =
                            "'%s: not a label key: write letters, digits, -, _ and ., optionally after a DNS prefix and "
                                    + "/'.format([self.filter(k, !("
                                    + KEY_SYNTAX
                                    + "))])",
                    message = "not a label key: write letters, digits, -, _ and ., optionally after a DNS prefix and /")
            @ValidationRule(
                    value = "self.all(k, self[k].matches('" + VALUE_SYNTAX + "'))",
                    messageExpression =
                            "'%s: not the value of a label: write at most 63 letters, digits, -, _ and ., with a letter or digit at"
                                    + " both ends'.format([self.filter(k, !self[k].matches('" + VALUE_SYNTAX + "'))])")
            Map<String, @Size(max = 63) String> labels,

            @JsonPropertyDescription("Annotations added to the pods. Those under primacy.dev/ are the operator's.")
            @Size(max = 32)
            @ValidationRule(
                    value = "!self.exists(k, k.startsWith('primacy.dev/'))",
                    messageExpression =
                            "'%s: annotations under primacy.dev/ are the operator\\'s orders to a member: choose another "
                                    + "prefix'.format([self.filter(k, k.startsWith('primacy.dev/'))])",
                    message = "annotations under primacy.dev/ are the operator's: choose another prefix")
            @ValidationRule(
                    value = "self.all(k, " + KEY_SYNTAX + ")",
                    messageExpression =
                            "'%s: not an annotation key: write letters, digits, -, _ and ., optionally after a DNS prefix and "
                                    + "/'.format([self.filter(k, !("
                                    + KEY_SYNTAX
                                    + "))])",
                    message =
                            "not an annotation key: write letters, digits, -, _ and ., optionally after a DNS prefix and /")
            Map<String, @Size(max = 16384) String> annotations) {

        static final PodMetadata DEFAULT = new PodMetadata(Map.of(), Map.of());

        private static final String RESERVED = "k.startsWith('primacy.dev/') || k.startsWith('app.kubernetes.io/')";
        private static final String VALUE_SYNTAX = "^([a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?)?$";
        private static final String KEY_SYNTAX =
                "k.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$')";

        public PodMetadata {
            labels = labels == null ? Map.of() : Map.copyOf(labels);
            annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
        }
    }
}
