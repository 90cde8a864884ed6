package dev.primacy.operator.render;

import dev.primacy.operator.model.Names;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.Map;
import java.util.TreeMap;

/** One StatefulSet of one replica per member, and nobody but the operator restarts its pod: update strategy OnDelete. */
final class StatefulSets {
    private StatefulSets() {}

    static StatefulSet of(Blueprint blueprint, String member) {
        Names names = blueprint.names();
        Map<String, String> selector = new TreeMap<>(Labels.allMembers(names));
        selector.put(Labels.MEMBER, member);
        return new StatefulSetBuilder()
                .withMetadata(Metadata.owned(blueprint, member)
                        .withLabels(Labels.ofMember(names, member))
                        .build())
                .withNewSpec()
                .withReplicas(1)
                .withServiceName(names.membersService())
                .withPodManagementPolicy("Parallel")
                .withNewUpdateStrategy()
                .withType("OnDelete")
                .endUpdateStrategy()
                // Each change of the environment during a bootstrap makes a revision; nobody rolls back to one.
                .withRevisionHistoryLimit(1)
                .withNewSelector()
                .withMatchLabels(selector)
                .endSelector()
                .withTemplate(PodTemplate.of(blueprint, member))
                .endSpec()
                .build();
    }
}
