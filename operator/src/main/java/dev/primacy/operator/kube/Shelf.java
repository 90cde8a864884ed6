package dev.primacy.operator.kube;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All objects of one kind that the operator keeps, from informers, found by the cluster that they belong to. What the
 * operator itself has just written is seen at once, although the watch tells it only some milliseconds later: else the next
 * pass would do it again.
 */
final class Shelf<T extends HasMetadata> implements AutoCloseable {
    private static final String BY_CLUSTER = "cluster";

    private final List<SharedIndexInformer<T>> informers = new ArrayList<>();
    private final OwnWrites<T> own = new OwnWrites<>();
    private final Consumer<T> told;
    private final Consumer<Names> changed;

    /**
     * @param told every state of every object that the watch tells, before {@code changed} is
     * @param changed the clusters whose objects appeared, changed or went
     */
    Shelf(List<? extends Informable<T>> selections, Consumer<T> told, Consumer<Names> changed) {
        this.told = told;
        this.changed = changed;
        for (Informable<T> selection : selections) {
            SharedIndexInformer<T> informer = selection.runnableInformer(0);
            informer.itemStore(new TrimmedStore<>());
            informer.addIndexers(Map.of(
                    BY_CLUSTER,
                    item -> Shelf.cluster(item).map(Shelf::key).stream().toList()));
            informer.addEventHandler(new Handler());
            informers.add(informer);
        }
    }

    CompletionStage<Void> start() {
        CompletionStage<Void> all = CompletableFuture.completedFuture(null);
        for (SharedIndexInformer<T> informer : informers) {
            all = all.thenCombine(informer.start(), (a, b) -> null);
        }
        return all;
    }

    boolean watching() {
        return informers.stream().allMatch(SharedIndexInformer::isWatching);
    }

    /** An informer that stopped for good would leave the operator blind. */
    boolean running() {
        return informers.stream().allMatch(SharedIndexInformer::isRunning);
    }

    List<T> of(Names cluster) {
        List<T> found = new ArrayList<>();
        for (SharedIndexInformer<T> informer : informers) {
            for (T item : informer.getIndexer().byIndex(BY_CLUSTER, key(cluster))) {
                found.add(own.newest(item));
            }
        }
        // Created a moment ago, and not told by the watch yet.
        for (T item : own.all()) {
            boolean known = found.stream()
                    .anyMatch(other -> Cache.metaNamespaceKeyFunc(other).equals(Cache.metaNamespaceKeyFunc(item)));
            if (!known && cluster(item).filter(cluster::equals).isPresent()) {
                found.add(item);
            }
        }
        return found;
    }

    Optional<T> get(@Nullable String namespace, String name) {
        String key = Cache.namespaceKeyFunc(namespace, name);
        for (SharedIndexInformer<T> informer : informers) {
            T item = informer.getStore().getByKey(key);
            if (item != null) {
                return Optional.of(own.newest(item));
            }
        }
        return own.get(key);
    }

    /** Takes up the API server's answer to a write of ours. */
    void written(T item) {
        own.answered(trim(item));
        // The watch may have told it before the answer arrived.
        String key = Cache.metaNamespaceKeyFunc(item);
        for (SharedIndexInformer<T> informer : informers) {
            T seen = informer.getStore().getByKey(key);
            if (seen != null) {
                own.told(seen);
            }
        }
    }

    static Optional<Names> cluster(HasMetadata item) {
        Map<String, String> labels = item.getMetadata().getLabels();
        String cluster = labels == null ? null : labels.get(Labels.CLUSTER);
        if (labels == null || cluster == null) {
            return Optional.empty();
        }
        // A connection Secret, and its ConfigMap, may stand in another namespace than its cluster. Nothing else may:
        // with a pod that says so,
        // somebody there could speak for a member.
        String elsewhere =
                item instanceof Secret || item instanceof ConfigMap ? labels.get(Labels.CLUSTER_NAMESPACE) : null;
        return Optional.of(
                new Names(elsewhere != null ? elsewhere : item.getMetadata().getNamespace(), cluster));
    }

    private static String key(Names cluster) {
        return cluster.namespace() + "/" + cluster.cluster();
    }

    /** managedFields are as large as the object itself, and nothing here reads them. */
    static <T extends HasMetadata> T trim(T item) {
        item.getMetadata().setManagedFields(null);
        return item;
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::close);
    }

    private static final class TrimmedStore<T extends HasMetadata> extends BasicItemStore<T> {
        TrimmedStore() {
            super(Cache::metaNamespaceKeyFunc);
        }

        @Override
        public @Nullable T put(String key, T item) {
            return super.put(key, trim(item));
        }
    }

    private final class Handler implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T item) {
            caughtUp(item);
        }

        @Override
        public void onUpdate(T before, T item) {
            if (OwnWrites.version(before) != OwnWrites.version(item)) {
                caughtUp(item);
            }
        }

        @Override
        public void onDelete(T item, boolean finalStateUnknown) {
            told.accept(item);
            own.ended(item);
            cluster(item).ifPresent(changed);
        }

        private void caughtUp(T item) {
            told.accept(item);
            own.told(item);
            cluster(item).ifPresent(changed);
        }
    }
}
