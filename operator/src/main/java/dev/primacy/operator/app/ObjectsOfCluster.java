package dev.primacy.operator.app;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Decision;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Blueprint;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which of a cluster's objects are brought to what they should be in a pass. */
final class ObjectsOfCluster {
    private final Parts parts;

    ObjectsOfCluster(Parts parts) {
        this.parts = parts;
    }

    /**
     * Members that are being removed are not made anew; a paused cluster stays as it is once it runs.
     *
     * @param configuration whether the rendered configuration may be shown to the members
     */
    void apply(ClusterView view, Decision decision, Blueprint blueprint, Memory memory, boolean configuration) {
        if (view.spec().paused() && view.facts().primary() != null) {
            return;
        }
        Set<String> leaving = decision.actions().stream()
                .flatMap(action -> action instanceof Action.RemoveMember it ? Stream.of(it.member()) : Stream.empty())
                .collect(Collectors.toSet());
        String namespace = view.names().namespace();
        Map<Boolean, List<HasMetadata>> allowed = memory.rendering().objects(blueprint).stream()
                .filter(it -> !leaving.contains(member(it)))
                .collect(Collectors.partitioningBy(it -> parts.consent().covers(it, namespace)));
        List<HasMetadata> desired = allowed.getOrDefault(true, List.of());
        memory.applied(
                parts.applier()
                        .apply(desired.stream()
                                .filter(it -> configuration || !isConfiguration(it, view.names()))
                                .toList()),
                parts.consent().words(allowed.getOrDefault(false, List.of()), namespace));
        parts.pruner().prune(view.names(), desired);
    }

    private static boolean isConfiguration(HasMetadata item, Names names) {
        return item instanceof ConfigMap && item.getMetadata().getName().equals(names.configMap());
    }

    private static String member(HasMetadata item) {
        return Optional.ofNullable(item.getMetadata().getLabels())
                .map(labels -> labels.get(Labels.MEMBER))
                .orElse("");
    }
}
