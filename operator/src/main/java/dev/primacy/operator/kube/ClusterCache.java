package dev.primacy.operator.kube;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What the API server has told of every object that the operator keeps ({@code app.kubernetes.io/managed-by=primacy}). */
public final class ClusterCache implements AutoCloseable {
    private static final List<Class<? extends HasMetadata>> KINDS = List.of(
            StatefulSet.class,
            Pod.class,
            PersistentVolumeClaim.class,
            Service.class,
            ConfigMap.class,
            Secret.class,
            PodDisruptionBudget.class,
            NetworkPolicy.class);

    /** A cluster that is there always has something else than these, which may be retained when it goes. */
    private static final Set<Class<? extends HasMetadata>> RETAINED = Set.of(PersistentVolumeClaim.class, Secret.class);

    static final String MANAGER = "primacy";

    private final Map<Class<?>, Shelf<?>> shelves = new LinkedHashMap<>();
    private final EndedContainers ended = new EndedContainers();
    private final Consumer<Names> changed;
    private final BiConsumer<Names, String> podChanged;

    /** Whether what is on no shelf is not there. */
    private volatile boolean listed;

    /**
     * @param namespaces to watch; empty for all
     * @param changed told of every cluster of which an object appeared, changed or went
     * @param podChanged told of every cluster and member whose pod did
     */
    public ClusterCache(
            KubernetesClient client,
            Set<String> namespaces,
            Consumer<Names> changed,
            BiConsumer<Names, String> podChanged) {
        this.changed = changed;
        this.podChanged = podChanged;
        for (Class<? extends HasMetadata> kind : KINDS) {
            shelves.put(kind, shelf(client, kind, namespaces));
        }
    }

    /** Ids of the containers whose end the kubelet has reported (rule 3), also of pods that are gone by now. */
    Set<String> endedContainers(Names cluster) {
        return ended.of(cluster);
    }

    private <T extends HasMetadata> Shelf<T> shelf(KubernetesClient client, Class<T> kind, Set<String> namespaces) {
        List<Informable<T>> selections = new ArrayList<>();
        if (namespaces.isEmpty()) {
            selections.add(client.resources(kind).inAnyNamespace().withLabel(Labels.MANAGED_BY, MANAGER));
        }
        for (String namespace : namespaces) {
            selections.add(client.resources(kind).inNamespace(namespace).withLabel(Labels.MANAGED_BY, MANAGER));
        }
        return new Shelf<>(selections, this::told, this::changed);
    }

    void told(HasMetadata item) {
        if (item instanceof Pod pod) {
            ended.see(pod);
            Shelf.cluster(pod).ifPresent(cluster -> podChanged.accept(cluster, Pods.label(pod, Labels.MEMBER)));
        }
    }

    /**
     * While a cluster is there, the end of a container may be the proof for which its next pass waits, however long ago its pod went. With the
     * last object it is needed no more. A replica that does not lead hears of a cluster's end by nothing else, and pods may end after
     * the cluster.
     */
    void changed(Names cluster) {
        if (listed && !ended.of(cluster).isEmpty() && isGone(cluster)) {
            ended.forget(cluster);
        }
        changed.accept(cluster);
    }

    private boolean isGone(Names cluster) {
        return shelves.entrySet().stream()
                .filter(it -> !RETAINED.contains(it.getKey()))
                .allMatch(it -> it.getValue().of(cluster).isEmpty());
    }

    void listed() {
        listed = true;
    }

    /**
     * Returns when every kind has been listed.
     *
     * @throws IllegalStateException if that fails or takes longer than {@code patience}
     */
    public void start(Duration patience) {
        CompletableFuture<?>[] starting = shelves.values().stream()
                .map(shelf -> shelf.start().toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(starting).get(patience.toMillis(), TimeUnit.MILLISECONDS);
            listed();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "cannot list the objects that belong to PostgresClusters: " + Failures.words(e)
                            + ". Check the operator's Role or ClusterRole",
                    e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the API server did not list the clusters' objects within " + patience, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while listing the clusters' objects", e);
        }
    }

    /** Whether every watch stands; a broken one is resumed by itself. */
    public boolean watching() {
        return shelves.values().stream().allMatch(Shelf::watching);
    }

    /** Whether no watch has ended for good; if one has, only a new process helps. */
    public boolean running() {
        return shelves.values().stream().allMatch(Shelf::running);
    }

    /** Every object of one kind that belongs to the cluster. Never change what is returned: it is shared. */
    public <T extends HasMetadata> List<T> of(Class<T> kind, Names cluster) {
        return shelf(kind).of(cluster);
    }

    public <T extends HasMetadata> Optional<T> get(Class<T> kind, String namespace, String name) {
        return shelf(kind).get(namespace, name);
    }

    /** Takes up the API server's answer to a write, so that the next pass sees it although the watch lags. */
    @SuppressWarnings("unchecked") // a shelf holds the kind under whose class it stands
    void written(HasMetadata item) {
        Shelf<?> shelf = shelves.get(item.getClass());
        if (shelf != null) {
            ((Shelf<HasMetadata>) shelf).written(item);
        }
    }

    @SuppressWarnings("unchecked") // as above
    Optional<HasMetadata> current(HasMetadata like) {
        Shelf<?> shelf = shelves.get(like.getClass());
        return shelf == null
                ? Optional.empty()
                : (Optional<HasMetadata>) shelf.get(
                        like.getMetadata().getNamespace(), like.getMetadata().getName());
    }

    @SuppressWarnings("unchecked") // as above
    private <T extends HasMetadata> Shelf<T> shelf(Class<T> kind) {
        Shelf<?> shelf = shelves.get(kind);
        if (shelf == null) {
            throw new IllegalArgumentException("the operator does not watch " + kind.getSimpleName());
        }
        return (Shelf<T>) shelf;
    }

    @Override
    public void close() {
        shelves.values().forEach(Shelf::close);
    }
}
