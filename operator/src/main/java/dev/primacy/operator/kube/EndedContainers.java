package dev.primacy.operator.kube;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.PodView.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The containers whose end the kubelet has reported (rule 3). They are remembered from the moment of the report, since the pod
 * that told it may be gone when the next pass looks.
 */
final class EndedContainers {
    /** Per cluster; an older end proves nothing that still matters. */
    private static final int REMEMBERED = 64;

    private final Map<Names, Set<String>> ended = new ConcurrentHashMap<>();

    /** Takes up what a pod's status tells, the state before a restart included. */
    void see(Pod pod) {
        Optional<Names> cluster = Shelf.cluster(pod);
        if (cluster.isEmpty() || pod.getStatus() == null) {
            return;
        }
        pod.getStatus().getContainerStatuses().stream()
                .filter(status -> status.getName().equals(Pods.CONTAINER))
                .flatMap(EndedContainers::ends)
                .forEach(name -> remember(cluster.get(), name));
    }

    Set<String> of(Names cluster) {
        Set<String> found = ended.get(cluster);
        if (found == null) {
            return Set.of();
        }
        synchronized (found) {
            return Set.copyOf(found);
        }
    }

    void forget(Names cluster) {
        ended.remove(cluster);
    }

    private void remember(Names cluster, String name) {
        Set<String> found = ended.computeIfAbsent(cluster, key -> new LinkedHashSet<>());
        synchronized (found) {
            if (found.add(name) && found.size() > REMEMBERED) {
                found.remove(found.iterator().next());
            }
        }
    }

    private static Stream<String> ends(ContainerStatus status) {
        return Stream.of(Optional.ofNullable(status.getState()), Optional.ofNullable(status.getLastState()))
                .flatMap(Optional::stream)
                .map(ContainerState::getTerminated)
                .flatMap(Stream::ofNullable)
                .map(Pods::terminated)
                .flatMap(Stream::ofNullable)
                .map(Container.Terminated::name)
                .filter(name -> !name.isEmpty());
    }
}
