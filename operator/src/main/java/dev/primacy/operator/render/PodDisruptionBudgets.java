package dev.primacy.operator.render;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Keeps a drain from evicting the primary before the operator has moved it away (rule 9c). */
final class PodDisruptionBudgets {
    private PodDisruptionBudgets() {}

    static Optional<PodDisruptionBudget> of(Blueprint blueprint) {
        if (!wanted(blueprint)) {
            return Optional.empty();
        }
        Map<String, String> primary = new TreeMap<>(Labels.allMembers(blueprint.names()));
        primary.put(Labels.ROLE, "primary");
        return Optional.of(new PodDisruptionBudgetBuilder()
                .withMetadata(Metadata.owned(blueprint, blueprint.names().disruptionBudget())
                        .build())
                .withNewSpec()
                .withMinAvailable(new IntOrString(1))
                .withUnhealthyPodEvictionPolicy("IfHealthyBudget")
                .withNewSelector()
                .withMatchLabels(primary)
                .endSelector()
                .endSpec()
                .build());
    }

    /**
     * A single member on a claim has nowhere to move the primary to, and a budget would only block the drain for ever; a single
     * one on emptyDir would lose its data, so there it is meant to block. Ephemeral data is made to be lost.
     */
    private static boolean wanted(Blueprint blueprint) {
        boolean single = blueprint.spec().instances() == 1;
        boolean onClaim = blueprint.spec().storage().data().persistentVolumeClaim() != null;
        return !blueprint.ephemeral() && !(single && onClaim);
    }
}
