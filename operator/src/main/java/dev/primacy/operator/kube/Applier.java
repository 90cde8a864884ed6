package dev.primacy.operator.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the objects of a cluster to what they should be, by forced server-side apply under one field manager, and only those
 * that are missing, were rendered differently before, or were changed by somebody else.
 */
public final class Applier {
    static final String FIELD_MANAGER = "primacy";

    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(FIELD_MANAGER)
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final ClusterCache cache;
    private final ObjectMapper mapper;

    /** Per object, the version in which it was found to be, or brought to be, as desired. */
    private final Map<Key, Settled> settled = new ConcurrentHashMap<>();

    record Key(Class<?> kind, String namespace, String name) {
        static Key of(HasMetadata item) {
            return new Key(
                    item.getClass(),
                    item.getMetadata().getNamespace(),
                    item.getMetadata().getName());
        }
    }

    /** @param cluster whose it is: neither its name nor its namespace need tell */
    private record Settled(String resourceVersion, String hash, Optional<Names> cluster) {
        static Settled of(HasMetadata observed, HasMetadata desired) {
            return new Settled(
                    observed.getMetadata().getResourceVersion(),
                    String.valueOf(annotation(desired, Labels.HASH)),
                    Shelf.cluster(desired));
        }
    }

    /** What could not be applied, in words. */
    public record Refusal(String kind, String name, String reason) {
        @Override
        public String toString() {
            return kind + " " + name + ": " + reason;
        }
    }

    public Applier(KubernetesClient client, ClusterCache cache, ObjectMapper mapper) {
        this.client = client;
        this.cache = cache;
        this.mapper = mapper;
    }

    /**
     * Applies what needs it: first everything that a pod mounts or is found by, then the StatefulSets; within each in
     * parallel.
     *
     * @return what the API server refused; empty when all is as desired
     */
    public List<Refusal> apply(List<HasMetadata> desired) {
        List<HasMetadata> due = desired.stream().filter(this::due).toList();
        List<HasMetadata> first =
                due.stream().filter(it -> !(it instanceof StatefulSet)).toList();
        List<HasMetadata> then =
                due.stream().filter(it -> it instanceof StatefulSet).toList();
        List<Refusal> refusals = new ArrayList<>();
        Parallel.map(first, this::apply).forEach(it -> it.ifPresent(refusals::add));
        Parallel.map(then, this::apply).forEach(it -> it.ifPresent(refusals::add));
        return refusals;
    }

    /** The cluster is gone: nothing of it needs to be remembered. */
    public void forget(Names cluster) {
        settled.values().removeIf(it -> it.cluster().equals(Optional.of(cluster)));
    }

    private boolean due(HasMetadata desired) {
        Optional<HasMetadata> found = cache.current(desired);
        if (found.isEmpty()) {
            return true;
        }
        HasMetadata observed = found.get();
        String hash = String.valueOf(annotation(desired, Labels.HASH));
        if (!hash.equals(annotation(observed, Labels.HASH))) {
            return true;
        }
        Settled now = Settled.of(observed, desired);
        if (now.equals(settled.get(Key.of(desired)))) {
            return false;
        }
        if (Drift.holds(mapper.valueToTree(desired), mapper.valueToTree(observed))) {
            settled.put(Key.of(desired), now);
            return false;
        }
        LOG.info(
                "{} {} was changed by somebody else; bringing it back",
                desired.getKind(),
                desired.getMetadata().getName());
        return true;
    }

    private Optional<Refusal> apply(HasMetadata desired) {
        try {
            if (isSomebodyElses(desired)) {
                return Optional.of(refusal(
                        desired,
                        "it is there already and does not belong to this cluster; delete or rename it, or choose another"
                                + " name in the spec"));
            }
            settle(patch(desired), desired);
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (Failures.isOfImmutableField(e) && replaceable(desired)) {
                return replace(desired);
            }
            return refusal(desired, e);
        }
    }

    /**
     * A forced apply takes whatever has the name; what carries none of our labels is not ours to take. Nor is another cluster's: two may ask for
     * a connection Secret of the same name, and who has it keeps it. Where only our label was taken off, it is still ours.
     */
    private boolean isSomebodyElses(HasMetadata desired) {
        Optional<Names> cluster = Shelf.cluster(desired);
        Optional<HasMetadata> known = cache.current(desired);
        if (known.isPresent()) {
            Optional<Names> owner = known.flatMap(Shelf::cluster);
            return owner.isPresent() && !owner.equals(cluster);
        }
        HasMetadata found = client.resource(desired).get();
        return found != null
                && !Shelf.cluster(found).equals(cluster)
                && !(found instanceof PersistentVolumeClaim && annotation(found, Labels.SYSTEM_ID) != null);
    }

    private HasMetadata patch(HasMetadata desired) {
        return client.resource(desired).patch(APPLY);
    }

    private void settle(HasMetadata applied, HasMetadata desired) {
        cache.written(applied);
        settled.put(Key.of(desired), Settled.of(applied, desired));
    }

    /** Immutable fields (a Secret's type, an immutable ConfigMap's data) change only by a new object. */
    private static boolean replaceable(HasMetadata item) {
        return item instanceof Secret || item instanceof ConfigMap;
    }

    private Optional<Refusal> replace(HasMetadata desired) {
        try {
            client.resource(desired).delete();
            settle(patch(desired), desired);
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return refusal(desired, e);
        }
    }

    /** That nothing can be made in a namespace that is being deleted is no news to anybody. */
    private static Optional<Refusal> refusal(HasMetadata desired, KubernetesClientException e) {
        if (Failures.isOfEndingNamespace(e)) {
            return Optional.empty();
        }
        String words = Failures.words(e);
        return Optional.of(refusal(
                desired,
                desired instanceof PersistentVolumeClaim && words.contains("resize")
                        ? words
                                + ". Set allowVolumeExpansion: true on its StorageClass if its driver can grow volumes; else replace"
                                + " them one by one (docs/troubleshooting.md, A volume does not grow)"
                        : words));
    }

    private static Refusal refusal(HasMetadata desired, String words) {
        return new Refusal(desired.getKind(), desired.getMetadata().getName(), words);
    }

    static @Nullable String annotation(HasMetadata item, String name) {
        Map<String, String> annotations = item.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(name);
    }
}
