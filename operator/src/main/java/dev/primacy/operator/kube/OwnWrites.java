package dev.primacy.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The API server's answers to our own writes of one kind, each until the watch has told as much. An answer may arrive after the watch told
 * of the object's end: so the uids of the last that ended are remembered.
 */
final class OwnWrites<T extends HasMetadata> {
    /** Ends between a write and its answer, of all clusters together. */
    private static final int REMEMBERED = 1_000;

    private final Map<String, T> ahead = new ConcurrentHashMap<>();
    private final Set<String> ended = new LinkedHashSet<>();

    void answered(T item) {
        String key = Cache.metaNamespaceKeyFunc(item);
        ahead.merge(key, item, (old, fresh) -> version(fresh) > version(old) ? fresh : old);
        if (hasEnded(item)) {
            ahead.remove(key, item);
        }
    }

    /** The watch tells the object's present state. */
    void told(T item) {
        ahead.computeIfPresent(
                Cache.metaNamespaceKeyFunc(item), (key, own) -> version(own) <= version(item) ? null : own);
    }

    /** The watch tells that the object is gone. One that was made under its name since is another. */
    void ended(T item) {
        String uid = item.getMetadata().getUid();
        synchronized (ended) {
            if (ended.add(uid) && ended.size() > REMEMBERED) {
                ended.remove(ended.iterator().next());
            }
        }
        ahead.computeIfPresent(
                Cache.metaNamespaceKeyFunc(item),
                (key, own) -> own.getMetadata().getUid().equals(uid) ? null : own);
    }

    T newest(T cached) {
        return get(Cache.metaNamespaceKeyFunc(cached))
                .filter(own -> version(own) > version(cached))
                .orElse(cached);
    }

    Optional<T> get(String key) {
        return Optional.ofNullable(ahead.get(key));
    }

    Collection<T> all() {
        return Collections.unmodifiableCollection(ahead.values());
    }

    private boolean hasEnded(T item) {
        synchronized (ended) {
            return ended.contains(item.getMetadata().getUid());
        }
    }

    /** Resource versions of one kind are comparable numbers (KEP-5504, Kubernetes 1.35; true of etcd's revisions before). */
    static long version(HasMetadata item) {
        try {
            return Long.parseLong(item.getMetadata().getResourceVersion());
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
