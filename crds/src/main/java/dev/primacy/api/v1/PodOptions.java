package dev.primacy.api.v1;

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
public record PodOptions(
        PodMetadata metadata,
        @Nullable ResourceRequirements resources,
        Map<String, String> nodeSelector,
        @Nullable Affinity affinity,
        List<Toleration> tolerations,
        List<TopologySpreadConstraint> topologySpreadConstraints,
        @Nullable String priorityClassName,
        List<LocalObjectReference> imagePullSecrets,
        @Nullable Long runAsUser,
        @Nullable Long fsGroup) {

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

    public record PodMetadata(Map<String, String> labels, Map<String, String> annotations) {
        static final PodMetadata DEFAULT = new PodMetadata(Map.of(), Map.of());

        public PodMetadata {
            labels = labels == null ? Map.of() : Map.copyOf(labels);
            annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
        }
    }
}
