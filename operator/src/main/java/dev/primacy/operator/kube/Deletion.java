package dev.primacy.operator.kube;

import dev.primacy.api.v1.DeletionPolicy;
import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a deleted cluster down: the members first, cleanly; then their data, if the policy says so; the rest goes with its
 * owner reference.
 *
 * <p>What {@code Retain} promises: the claims, and the Secrets with the owner's password and the certificate authority, so that
 * the same cluster applied again serves the same clients.
 */
public final class Deletion {
    private static final Logger LOG = LoggerFactory.getLogger(Deletion.class);

    /** A pod on a lost node stays for ever; the deletion does not. */
    private static final Duration PODS_PATIENCE = Duration.ofMinutes(2);

    private static final PatchContext MERGE = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(Applier.FIELD_MANAGER)
            .build();

    private final KubernetesClient client;
    private final ClusterCache cache;

    public Deletion(KubernetesClient client, ClusterCache cache) {
        this.client = client;
        this.cache = cache;
    }

    /** One step; repeated until it is true. */
    public boolean isDone(PostgresCluster cluster, Instant now) {
        Names names = Observer.names(cluster);
        List<StatefulSet> sets = cache.of(StatefulSet.class, names);
        sets.forEach(this::delete);
        boolean running = !sets.isEmpty() || !cache.of(Pod.class, names).isEmpty();
        Instant asked = Pods.instant(cluster.getMetadata().getDeletionTimestamp(), now);
        if (running && now.isBefore(asked.plus(PODS_PATIENCE))) {
            return false;
        }
        boolean retains = cluster.getSpec().deletionPolicy() == DeletionPolicy.Retain
                && cluster.getSpec().storage().data().persistentVolumeClaim() != null;
        if (retains) {
            retainable(names).forEach(this::disown);
        } else {
            // Without an owner reference, if the policy was Retain until a moment ago.
            retainable(names).forEach(this::delete);
        }
        elsewhere(names).forEach(this::delete);
        return true;
    }

    private List<HasMetadata> retainable(Names names) {
        List<HasMetadata> kept = new ArrayList<>(cache.of(PersistentVolumeClaim.class, names));
        Set<String> secrets = Set.of(names.appSecret(), names.caSecret());
        cache.of(Secret.class, names).stream()
                .filter(secret -> secret.getMetadata().getNamespace().equals(names.namespace()))
                .filter(secret -> secrets.contains(secret.getMetadata().getName()))
                .forEach(kept::add);
        return kept;
    }

    /** Copies in other namespaces cannot have an owner here. */
    private List<HasMetadata> elsewhere(Names names) {
        List<HasMetadata> copies = new ArrayList<>();
        copies.addAll(cache.of(Secret.class, names));
        copies.addAll(cache.of(ConfigMap.class, names));
        copies.removeIf(copy -> copy.getMetadata().getLabels().get(Labels.CLUSTER_NAMESPACE) == null);
        return copies;
    }

    /** The policy may have been changed to Retain a moment ago, with the owner reference still in place. */
    private void disown(HasMetadata item) {
        if (!Objects.requireNonNullElse(item.getMetadata().getOwnerReferences(), List.of())
                .isEmpty()) {
            client.resource(item).patch(MERGE, "{\"metadata\":{\"ownerReferences\":null}}");
        }
    }

    private void delete(HasMetadata item) {
        if (item.getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        try {
            client.resource(item).delete();
        } catch (KubernetesClientException e) {
            if (e.getCode() != Failures.NOT_FOUND) {
                LOG.warn(
                        "Cannot delete {} {}: {}",
                        item.getKind(),
                        item.getMetadata().getName(),
                        Failures.words(e));
                throw e;
            }
        }
    }
}
