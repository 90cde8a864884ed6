package dev.primacy.operator.kube;

import dev.primacy.operator.model.Names;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Secrets that specs name. They carry none of our labels, so each is watched by its name: a watch on all Secrets would
 * hold every secret of the cluster in the operator's memory.
 */
public final class UserSecrets implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UserSecrets.class);
    private static final long PATIENCE_SECONDS = 3;

    private final KubernetesClient client;
    private final Consumer<Names> changed;
    private final Map<Key, Watched> watched = new ConcurrentHashMap<>();

    private record Key(String namespace, String name) {}

    private record Watched(SharedIndexInformer<Secret> informer, Set<Names> users) {}

    /** @param changed told of a cluster when a Secret that it names appeared, changed or went */
    public UserSecrets(KubernetesClient client, Consumer<Names> changed) {
        this.client = client;
        this.changed = changed;
    }

    /** The Secret, if it is there; from now on the cluster hears of its changes. */
    Optional<Secret> get(Names cluster, String name) {
        Key key = new Key(cluster.namespace(), name);
        Watched found = watched.computeIfAbsent(key, this::watch);
        found.users().add(cluster);
        return Optional.ofNullable(found.informer().getStore().getByKey(Cache.namespaceKeyFunc(key.namespace(), name)));
    }

    /** The cluster names these now, and no others. */
    void retain(Names cluster, Set<String> names) {
        watched.forEach((key, secret) -> {
            if (key.namespace().equals(cluster.namespace()) && !names.contains(key.name())) {
                release(key, secret, cluster);
            }
        });
    }

    private void release(Key key, Watched secret, Names cluster) {
        if (secret.users().remove(cluster) && secret.users().isEmpty() && watched.remove(key, secret)) {
            secret.informer().close();
        }
    }

    private Watched watch(Key key) {
        Set<Names> users = ConcurrentHashMap.newKeySet();
        SharedIndexInformer<Secret> informer = client.secrets()
                .inNamespace(key.namespace())
                .withName(key.name())
                .runnableInformer(0);
        // By default one whose first list failed would never try again.
        informer.exceptionHandler((started, failure) -> true);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Secret secret) {
                users.forEach(changed);
            }

            @Override
            public void onUpdate(Secret before, Secret secret) {
                users.forEach(changed);
            }

            @Override
            public void onDelete(Secret secret, boolean finalStateUnknown) {
                users.forEach(changed);
            }
        });
        try {
            informer.start().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            // The informer goes on trying; until it succeeds the Secret counts as missing.
            LOG.warn("Cannot read Secret {}/{} yet: {}", key.namespace(), key.name(), Failures.words(e));
        }
        return new Watched(informer, users);
    }

    @Override
    public void close() {
        watched.values().forEach(it -> it.informer().close());
        watched.clear();
    }
}
