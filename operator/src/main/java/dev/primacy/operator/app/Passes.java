package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Action;
import dev.primacy.operator.kube.LogKeys;
import dev.primacy.operator.kube.Observer;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.RecordedFacts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the passes of each cluster. A pass that acted or wrote facts is followed at once by the next, until one finds nothing to
 * do.
 */
final class Passes {
    private static final Logger LOG = LoggerFactory.getLogger(Passes.class);

    /** A bound against running for ever; the rest follows in the next reconciliation, at once. */
    private static final int AT_ONCE = 30;

    private final Parts parts;
    private final Pass pass;
    private final Map<Names, Memory> memories = new ConcurrentHashMap<>();

    /** The clusters of which a pass is under way, each with the uids of the resources of its name that went meanwhile. */
    private final Map<Names, Set<String>> underWay = new ConcurrentHashMap<>();

    Passes(Parts parts) {
        this.parts = parts;
        this.pass = new Pass(parts);
    }

    /** @return when to look again even if nothing is seen to change */
    Duration run(Names names) {
        LogKeys.about(names);
        Set<String> gone = ConcurrentHashMap.newKeySet();
        underWay.put(names, gone);
        try {
            List<Action> before = List.of();
            PostgresCluster cluster = read(names);
            for (int i = 0; i < AT_ONCE; i++) {
                if (cluster == null || cluster.getMetadata().getDeletionTimestamp() != null) {
                    return Pass.AGAIN;
                }
                if (mayHaveBeenLedByAnother(cluster, memory(names))
                        && !parts.leadership().isStillHeld()) {
                    return Pass.AGAIN;
                }
                switch (pass.run(cluster, memory(names), before)) {
                    case Next.Rest rest -> {
                        return rest.atMost();
                    }
                    case Next.AtOnce next -> {
                        before = next.acted();
                        cluster = next.cluster() != null ? next.cluster() : read(names);
                    }
                }
            }
            return Duration.ZERO;
        } finally {
            underWay.remove(names);
            gone.forEach(uid -> forget(names, uid));
            LogKeys.aboutNobody();
        }
    }

    /**
     * The epoch is not the one that this process wrote down. It may be its own, if the answer to a write was lost. Else another led while this
     * one stood still, and what this one saw is from before: then it must do nothing any more. It may not know by its clock, which stands
     * still with the whole machine.
     */
    private static boolean mayHaveBeenLedByAnother(PostgresCluster cluster, Memory memory) {
        return memory.ownEpoch() != 0
                && memory.ownEpoch() != RecordedFacts.in(cluster.getStatus()).epoch();
    }

    Memory memory(Names names) {
        return memories.computeIfAbsent(names, it -> new Memory(parts.identity()));
    }

    private @Nullable PostgresCluster read(Names names) {
        return parts.client()
                .resources(PostgresCluster.class)
                .inNamespace(names.namespace())
                .withName(names.cluster())
                .get();
    }

    /** @return whether nothing of the deleted cluster has to be waited for any more */
    boolean remove(PostgresCluster cluster) {
        Names names = Observer.names(cluster);
        LogKeys.about(names);
        try {
            parts.monitors().stop(names);
            if (!parts.deletion().isDone(cluster, parts.clock().now().wall())) {
                return false;
            }
            forget(names, cluster.getMetadata().getUid());
            LOG.info("The cluster is gone");
            return true;
        } finally {
            LogKeys.aboutNobody();
        }
    }

    /**
     * The resource is gone, perhaps without {@link #remove}: somebody took the finalizer out by hand. A pass that is under way would remember
     * it anew, so it is forgotten after that one.
     */
    void gone(PostgresCluster cluster) {
        String uid = cluster.getMetadata().getUid();
        underWay.compute(Observer.names(cluster), (names, gone) -> {
            if (gone == null) {
                forget(names, uid);
            } else {
                gone.add(uid);
            }
            return gone;
        });
    }

    private void forget(Names names, String uid) {
        parts.status().forget(uid);
        if (isOfAnother(memories.get(names), uid)) {
            return;
        }
        parts.monitors().stop(names);
        Memory memory = memories.remove(names);
        if (memory != null) {
            memory.close();
        }
        parts.secrets().forget(names, uid);
        parts.applier().forget(names);
    }

    /** Another was made under the name, and has been read before the end of the first was told: its grants must not be forgotten (rule 3). */
    private static boolean isOfAnother(@Nullable Memory memory, String uid) {
        ClusterView view = memory == null ? null : memory.lastView();
        return view != null && !view.uid().equals(uid);
    }

    List<Names> inNamespace(String namespace) {
        return memories.keySet().stream()
                .filter(names -> names.namespace().equals(namespace))
                .toList();
    }

    /** The clusters that have a pod on the node. */
    List<Names> onNode(String node) {
        return views().values().stream()
                .filter(view -> view.members().stream()
                        .anyMatch(member ->
                                member.pod() != null && node.equals(member.pod().node())))
                .map(ClusterView::names)
                .toList();
    }

    private Map<Names, ClusterView> views() {
        return memories.entrySet().stream()
                .filter(it -> it.getValue().lastView() != null)
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        it -> Objects.requireNonNull(it.getValue().lastView())));
    }

    /** What is known of each cluster now, for metrics. */
    List<Metrics.Cluster> known() {
        Map<Names, ClusterView> views = views();
        return parts.status().told().stream()
                .map(it -> new Metrics.Cluster(
                        it.names(),
                        it.status(),
                        views.get(it.names()),
                        parts.monitors().observation(it.names())))
                .toList();
    }
}
