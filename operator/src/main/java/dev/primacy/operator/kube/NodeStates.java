package dev.primacy.operator.kube;

import dev.primacy.operator.model.PodView.NodeState;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The state of the nodes, as far as it matters to a member that runs there. */
public final class NodeStates implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStates.class);

    /** Set by an administrator who vouches that the node is off (Kubernetes 1.28). */
    static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    /** The node controller's own taints; of them only the cordon means that somebody wants the node empty. */
    private static final String CONTROLLER_TAINTS = "node.kubernetes.io/";

    private final @Nullable SharedIndexInformer<Node> informer;

    private NodeStates(@Nullable SharedIndexInformer<Node> informer) {
        this.informer = informer;
    }

    /**
     * An operator that may not see nodes does without switching over before a drain, and leaves lost nodes to the other proofs.
     *
     * @param changed told the name of a node whose state changed
     */
    public static NodeStates watch(KubernetesClient client, Consumer<String> changed) {
        if (!Permission.mayList(client.nodes())) {
            LOG.warn("The operator may not read Nodes: a cordoned node will not make it switch over. "
                    + "Give it a ClusterRole with get, list and watch of nodes to change that");
            return new NodeStates(null);
        }
        SharedIndexInformer<Node> informer = client.nodes().runnableInformer(0);
        informer.itemStore(new SmallStore());
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Node node) {
                changed.accept(node.getMetadata().getName());
            }

            @Override
            public void onUpdate(Node before, Node node) {
                // The kubelet renews its status every few minutes; that is no news.
                if (!Objects.equals(before.getSpec(), node.getSpec()) || hears(before) != hears(node)) {
                    changed.accept(node.getMetadata().getName());
                }
            }

            @Override
            public void onDelete(Node node, boolean finalStateUnknown) {
                changed.accept(node.getMetadata().getName());
            }
        });
        informer.start().toCompletableFuture().join();
        return new NodeStates(informer);
    }

    NodeState of(Pod pod) {
        String name = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        if (name == null) {
            return NodeState.NONE;
        }
        if (informer == null) {
            return NodeState.READY;
        }
        Node node = informer.getStore().getByKey(name);
        return node == null ? NodeState.GONE : state(node, pod.getSpec().getTolerations());
    }

    static NodeState state(Node node, List<Toleration> tolerations) {
        List<Taint> taints = node.getSpec() == null ? List.of() : node.getSpec().getTaints();
        if (taints.stream().anyMatch(taint -> taint.getKey().equals(OUT_OF_SERVICE))) {
            return NodeState.OUT_OF_SERVICE;
        }
        if (!hears(node)) {
            return NodeState.UNREACHABLE;
        }
        boolean cordoned =
                node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable());
        boolean drained = taints.stream()
                .filter(taint -> !taint.getKey().startsWith(CONTROLLER_TAINTS))
                .filter(taint -> !"PreferNoSchedule".equals(taint.getEffect()))
                .anyMatch(taint -> tolerations.stream().noneMatch(toleration -> tolerates(toleration, taint)));
        return cordoned || drained ? NodeState.CORDONED : NodeState.READY;
    }

    /** Ready is Unknown when the node controller has not heard of the kubelet for its grace period (40–50 s). */
    private static boolean hears(Node node) {
        List<NodeCondition> conditions =
                node.getStatus() == null ? List.of() : node.getStatus().getConditions();
        return conditions.stream()
                .noneMatch(it -> it.getType().equals("Ready") && it.getStatus().equals("Unknown"));
    }

    private static boolean tolerates(Toleration toleration, Taint taint) {
        boolean key = toleration.getKey() == null
                || toleration.getKey().isEmpty()
                || toleration.getKey().equals(taint.getKey());
        boolean effect = toleration.getEffect() == null
                || toleration.getEffect().isEmpty()
                || toleration.getEffect().equals(taint.getEffect());
        boolean value = "Exists".equals(toleration.getOperator())
                || Objects.requireNonNullElse(toleration.getValue(), "")
                        .equals(Objects.requireNonNullElse(taint.getValue(), ""));
        return key && effect && value;
    }

    @Override
    public void close() {
        if (informer != null) {
            informer.close();
        }
    }

    /** A node's list of images alone can be 20 KiB. */
    private static final class SmallStore extends BasicItemStore<Node> {
        SmallStore() {
            super(Cache::metaNamespaceKeyFunc);
        }

        @Override
        public @Nullable Node put(String key, Node node) {
            Shelf.trim(node).getMetadata().setAnnotations(null);
            if (node.getStatus() != null) {
                node.getStatus().setImages(null);
                node.getStatus().setVolumesInUse(null);
                node.getStatus().setVolumesAttached(null);
            }
            return super.put(key, node);
        }
    }
}
