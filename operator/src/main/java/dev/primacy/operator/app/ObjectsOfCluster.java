package dev.primacy.operator.app;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Decision;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.DesiredObjects;
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

    /** Members that are being removed are not made anew; a paused cluster stays as it is once it runs, but for what would expire. */
    void apply(Situation situation, Decision decision) {
        if (situation.isHeld()) {
            applyAndRemember(situation, DesiredObjects.ofPaused(situation.blueprint(), situation.wanted()));
            return;
        }
        Set<String> leaving = decision.actions().stream()
                .flatMap(action -> action instanceof Action.RemoveMember it ? Stream.of(it.member()) : Stream.empty())
                .collect(Collectors.toSet());
        List<HasMetadata> desired = applyAndRemember(
                situation,
                situation.memory().rendering().objects(situation.blueprint()).stream()
                        .filter(it -> !leaving.contains(member(it)))
                        .toList());
        parts.pruner().prune(situation.view().names(), desired);
    }

    /** @return those that other namespaces let be made there */
    private List<HasMetadata> applyAndRemember(Situation situation, List<HasMetadata> objects) {
        Names names = situation.view().names();
        Map<Boolean, List<HasMetadata>> allowed = objects.stream()
                .collect(Collectors.partitioningBy(it -> parts.consent().covers(it, names.namespace())));
        List<HasMetadata> desired = allowed.getOrDefault(true, List.of());
        boolean configuration = situation.configuration().open();
        situation
                .memory()
                .applied(
                        parts.applier()
                                .apply(desired.stream()
                                        .filter(it -> configuration || !isConfiguration(it, names))
                                        .toList()),
                        parts.consent().words(allowed.getOrDefault(false, List.of()), names.namespace()));
        return desired;
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
