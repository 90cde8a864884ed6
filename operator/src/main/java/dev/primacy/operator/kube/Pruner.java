package dev.primacy.operator.kube;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what a cluster once had and is not desired any more: a policy without rules, a connection Secret that left the spec, a
 * script that no pod runs. Never claims, StatefulSets or pods: those go by decisions alone.
 */
public final class Pruner {
    private static final Logger LOG = LoggerFactory.getLogger(Pruner.class);

    private static final List<Class<? extends HasMetadata>> PRUNED =
            List.of(ConfigMap.class, Secret.class, NetworkPolicy.class, PodDisruptionBudget.class);

    private final KubernetesClient client;
    private final ClusterCache cache;

    public Pruner(KubernetesClient client, ClusterCache cache) {
        this.client = client;
        this.cache = cache;
    }

    public void prune(Names cluster, List<HasMetadata> desired) {
        Set<Applier.Key> wanted = desired.stream().map(Applier.Key::of).collect(Collectors.toSet());
        for (Class<? extends HasMetadata> kind : PRUNED) {
            for (HasMetadata item : cache.of(kind, cluster)) {
                boolean ours = Applier.annotation(item, Labels.HASH) != null;
                if (ours && !wanted.contains(Applier.Key.of(item)) && !isMounted(item, cluster)) {
                    delete(item);
                }
            }
        }
    }

    /** A container that the kubelet starts again needs the script that its pod began with. */
    private boolean isMounted(HasMetadata item, Names cluster) {
        return item instanceof ConfigMap
                && cache.of(Pod.class, cluster).stream()
                        .flatMap(pod -> pod.getSpec().getVolumes().stream())
                        .anyMatch(volume -> volume.getConfigMap() != null
                                && item.getMetadata()
                                        .getName()
                                        .equals(volume.getConfigMap().getName()));
    }

    /** Only as it was seen: another may have been made under the same name since, by the user say. */
    private void delete(HasMetadata item) {
        try {
            client.resource(item)
                    .lockResourceVersion(item.getMetadata().getResourceVersion())
                    .delete();
            LOG.info(
                    "Removed {} {}, which the cluster does not need any more",
                    item.getKind(),
                    item.getMetadata().getName());
        } catch (KubernetesClientException e) {
            LOG.warn(
                    "Cannot remove {} {}: {}",
                    item.getKind(),
                    item.getMetadata().getName(),
                    Failures.words(e));
        }
    }
}
