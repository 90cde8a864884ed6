package dev.primacy.operator.render;

import dev.primacy.api.v1.PodOptions;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where members' pods may run. None of it depends on the number of members: the pod template would change with it, and pods would have
 * to be restarted for nothing.
 */
record Placement(@Nullable Affinity affinity, List<TopologySpreadConstraint> spread, List<Toleration> tolerations) {

    static Placement of(Blueprint blueprint) {
        PodOptions pod = blueprint.spec().pod();
        LabelSelector members = new LabelSelectorBuilder()
                .withMatchLabels(Labels.allMembers(blueprint.names()))
                .build();
        if (blueprint.ephemeral()) {
            // One member: nothing to keep apart.
            return new Placement(pod.affinity(), spread(pod, members), tolerations(pod));
        }
        Affinity affinity = Objects.requireNonNullElseGet(pod.affinity(), () -> apart(members));
        boolean free = pod.affinity() == null && pod.topologySpreadConstraints().isEmpty();
        return new Placement(affinity, free ? List.of(zones(members)) : spread(pod, members), tolerations(pod));
    }

    /** Members prefer nodes of their own. A must would leave members unscheduled on a small cluster. */
    private static Affinity apart(LabelSelector members) {
        return new AffinityBuilder()
                .withNewPodAntiAffinity()
                .addNewPreferredDuringSchedulingIgnoredDuringExecution()
                .withWeight(100)
                .withNewPodAffinityTerm()
                .withTopologyKey("kubernetes.io/hostname")
                .withLabelSelector(members)
                .endPodAffinityTerm()
                .endPreferredDuringSchedulingIgnoredDuringExecution()
                .endPodAntiAffinity()
                .build();
    }

    private static TopologySpreadConstraint zones(LabelSelector members) {
        return new TopologySpreadConstraintBuilder()
                .withMaxSkew(1)
                .withTopologyKey("topology.kubernetes.io/zone")
                .withWhenUnsatisfiable("ScheduleAnyway")
                .withLabelSelector(members)
                .build();
    }

    /** A constraint without a selector counts no pods: it is meant for the members. */
    private static List<TopologySpreadConstraint> spread(PodOptions pod, LabelSelector members) {
        return pod.topologySpreadConstraints().stream()
                .map(constraint -> constraint.getLabelSelector() != null
                        ? constraint
                        : new TopologySpreadConstraintBuilder(constraint)
                                .withLabelSelector(members)
                                .build())
                .toList();
    }

    /**
     * The pod of a lost node is the operator's to delete, and nobody else's (rule 9a): without these, Kubernetes deletes it after 300
     * seconds.
     */
    private static List<Toleration> tolerations(PodOptions pod) {
        List<Toleration> tolerations = new ArrayList<>(pod.tolerations());
        for (String taint : List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")) {
            tolerations.add(new TolerationBuilder()
                    .withKey(taint)
                    .withOperator("Exists")
                    .withEffect("NoExecute")
                    .build());
        }
        return tolerations;
    }
}
