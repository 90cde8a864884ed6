package dev.primacy.operator.sim;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.PodView.Container;
import dev.primacy.operator.model.PodView.NodeState;
import dev.primacy.operator.model.RecordedFacts;
import dev.primacy.operator.model.StatefulSetView;
import dev.primacy.operator.model.SystemId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What Kubernetes has written down – which is not what is – and who is told of it, sooner or later. */
final class ApiServer {
    static final PostgresClusterStatus NEVER = new PostgresClusterStatus(
            null, null, null, null, null, null, null, null, null, null, null, List.of(), List.of(), null, null, null,
            null, null, List.of(), null, List.of(), null, null, null, null, null, null);

    private final Simulation sim;
    boolean up = true;
    long resourceVersion = 1;
    long generation = 1;
    PostgresClusterStatus status = NEVER;
    private final List<PostgresClusterStatus> former = new ArrayList<>();
    int instances;
    boolean solo;
    boolean emptyDir;
    Replication replication;
    String template = "t0";
    String config = "c0-100";
    boolean paused;
    final Map<String, String> requests = new HashMap<>();
    private final Set<String> hadPods = new HashSet<>();
    /** On emptyDir each pod that another followed had one. */
    int copiesLost;

    String routed = "";
    final TreeMap<String, Pod> pods = new TreeMap<>();
    final TreeMap<String, Claim> claims = new TreeMap<>();
    /** By member. */
    final TreeMap<String, StatefulSetView> sets = new TreeMap<>();

    private final NodeState[] nodeStates;
    private final long[] heard;
    int leaseHolder = -1;
    long leaseRenewed = Long.MIN_VALUE / 2;
    private long serial;
    private long version;

    static final class Pod {
        final Instance instance;
        Container container = new Container.Unknown();
        /** What the status still tells of the containers before. */
        String lastEnded = "";

        boolean deleting;
        boolean ready;
        boolean reads;
        String role = "";
        String config = "";

        @Nullable
        Instruction told;

        /** The same as its script reads it, with the member for its host. */
        String instruction = "";

        Pod(Instance instance) {
            this.instance = instance;
        }
    }

    static final class Claim {
        final Volume volume;
        final int node;

        @Nullable
        SystemId systemId;

        long epoch;

        Claim(Volume volume, int node) {
            this.volume = volume;
            this.node = node;
        }
    }

    /** What an informer holds. */
    record Snapshot(
            long version,
            TreeMap<String, Seen> pods,
            TreeMap<String, ClaimView> claims,
            TreeMap<String, StatefulSetView> sets,
            String routed,
            Set<String> ended) {
        record Seen(PodView view, Instance instance) {}
    }

    ApiServer(Simulation sim, int instances, boolean emptyDir, Replication replication) {
        this.sim = sim;
        this.instances = instances;
        this.solo = instances == 1;
        this.emptyDir = emptyDir;
        this.replication = replication;
        this.nodeStates = new NodeState[sim.network.nodes];
        java.util.Arrays.fill(nodeStates, NodeState.READY);
        this.heard = new long[sim.network.nodes];
        sim.time.after(5_000, this::watchNodes);
    }

    long next() {
        return ++serial;
    }

    Facts facts() {
        return RecordedFacts.in(status);
    }

    long systemId() {
        return status.systemId() == null ? 0 : Long.parseLong(status.systemId());
    }

    boolean reachedFrom(int node) {
        return up && sim.network.both(node, sim.network.control);
    }

    @Nullable
    Instance instance(String member) {
        Pod pod = pods.get(member);
        return pod == null ? null : pod.instance;
    }

    /** Those that there were since there is data, and that the claims know to be older. */
    List<PostgresClusterStatus> older() {
        long known =
                claims.values().stream().mapToLong(claim -> claim.epoch).max().orElse(0);
        return former.stream()
                .filter(it -> RecordedFacts.in(it).epoch() < known)
                .toList();
    }

    boolean write(long expected, PostgresClusterStatus next) {
        if (expected != resourceVersion) {
            sim.coverage.hit("api: conflict");
            return false;
        }
        sim.invariants.written(status, next);
        if (status.systemId() != null) {
            former.add(status);
        }
        status = next;
        resourceVersion++;
        return true;
    }

    // --- StatefulSets, claims and pods -------------------------------------------------------------------------------

    /** Brings about what rendering asks for: a claim and a StatefulSet for each member. */
    void apply(Facts facts, List<String> leaving) {
        boolean changed = false;
        for (String member : facts.members()) {
            if (leaving.contains(member)) {
                continue;
            }
            if (!emptyDir && !claims.containsKey(member)) {
                claims.put(member, new Claim(new Volume("claim-" + next()), schedulable(home(member))));
                changed = true;
            }
            String rendered = facts.restart() == null ? template : template + "/" + facts.restart();
            StatefulSetView present = sets.get(member);
            if (present == null || !present.templateHash().equals(rendered)) {
                String uid = present == null ? "set-" + next() : present.uid();
                sets.put(member, new StatefulSetView(uid, rendered));
                changed = true;
                sim.time.after(sim.time.between(50, 400), () -> createPod(member));
            }
        }
        if (changed) {
            changed();
        }
    }

    /** What a pass applies. */
    void applyFrom(OperatorProcess operator, Facts facts, dev.primacy.operator.decide.Decision decision) {
        if (reachedFrom(operator.node)) {
            List<String> leaving = new ArrayList<>();
            for (dev.primacy.operator.decide.Action action : decision.actions()) {
                if (action instanceof dev.primacy.operator.decide.Action.RemoveMember remove) {
                    leaving.add(remove.member());
                }
            }
            apply(facts, leaving);
        }
    }

    private int home(String member) {
        return (sim.names.ordinal(member) - 1) % sim.network.nodes;
    }

    void createPod(String member) {
        StatefulSetView set = sets.get(member);
        if (set == null || pods.containsKey(member)) {
            return;
        }
        Claim claim = claims.get(member);
        if (!up || (!emptyDir && claim == null)) {
            sim.time.after(1_000, () -> createPod(member));
            return;
        }
        String uid = "pod-" + next();
        int node = emptyDir ? schedulable(home(member)) : java.util.Objects.requireNonNull(claim).node;
        Facts facts = facts();
        boolean initdb = facts.systemId() == null && member.equals(facts.initdbMember());
        Volume volume = emptyDir ? new Volume(uid) : java.util.Objects.requireNonNull(claim).volume;
        Instance instance = new Instance(sim, member, uid, node, volume, initdb, set.templateHash());
        sim.instances.removeIf(Instance::isOver);
        sim.instances.add(instance);
        if (emptyDir && !hadPods.add(member)) {
            copiesLost++;
        }
        pods.put(member, new Pod(instance));
        changed();
        sim.kubelet.start(instance);
    }

    private int schedulable(int preferred) {
        int node = preferred;
        for (int tries = 0; tries < sim.network.nodes; tries++) {
            if (nodeStates[node] == NodeState.READY) {
                return node;
            }
            node = (node + 1) % sim.network.nodes;
        }
        return preferred;
    }

    void delete(String member, String uid, boolean force) {
        Pod pod = pods.get(member);
        if (pod == null || !pod.instance.podUid.equals(uid)) {
            return;
        }
        pod.deleting = true;
        sim.kubelet.stop(pod.instance);
        if (force) {
            forget(pod.instance);
        } else {
            changed();
        }
    }

    /** The pod object goes; its processes may live on. */
    void forget(Instance instance) {
        Pod pod = pods.get(instance.member);
        if (pod != null && pod.instance == instance) {
            pods.remove(instance.member);
            sim.time.after(sim.time.between(50, 800), () -> createPod(instance.member));
            changed();
        }
    }

    void deleteClaim(String member, String uid) {
        Claim claim = claims.get(member);
        if (claim != null && claim.volume.uid.equals(uid)) {
            claims.remove(member);
            changed();
        }
    }

    void removeMember(dev.primacy.operator.decide.Action.RemoveMember remove) {
        String member = remove.member();
        StatefulSetView set = sets.get(member);
        if (set != null && set.uid().equals(remove.statefulSetUid())) {
            sets.remove(member);
            Pod pod = pods.get(member);
            if (pod != null) {
                delete(member, pod.instance.podUid, false);
            }
        }
        if (remove.claimUid() != null) {
            deleteClaim(member, remove.claimUid());
        }
        changed();
    }

    /** A kubelet's report. */
    void report(Instance instance, Container container, List<String> ends) {
        Pod pod = pods.get(instance.member);
        boolean news = false;
        if (pod != null && pod.instance == instance) {
            // Of a pod that is gone nobody can report anything any more.
            news = !ends.isEmpty() || !pod.container.equals(container);
            pod.container = container;
            pod.lastEnded = ends.isEmpty() ? pod.lastEnded : ends.getLast();
        }
        heard[instance.node] = sim.time.now;
        if (news) {
            changed();
        }
    }

    private void watchNodes() {
        lookAtNodes();
        sim.time.after(5_000, this::watchNodes);
    }

    /** A taint is told at once, a kubelet's silence after its time. */
    void lookAtNodes() {
        boolean news = false;
        for (int node = 0; node < nodeStates.length; node++) {
            if (sim.network.runs(node)
                    && !sim.network.kubeletDead[node]
                    && sim.network.reaches(node, sim.network.control)
                    && up) {
                heard[node] = sim.time.now;
            }
            NodeState state = sim.network.outOfService[node]
                    ? NodeState.OUT_OF_SERVICE
                    : up && sim.time.now - heard[node] > 40_000
                            ? NodeState.UNREACHABLE
                            : sim.network.cordoned[node] ? NodeState.CORDONED : NodeState.READY;
            if (state != nodeStates[node]) {
                nodeStates[node] = state;
                news = true;
            }
        }
        if (news) {
            changed();
        }
    }

    /** Tells every informer; each hears of it in its own time. */
    void changed() {
        version++;
        Snapshot snapshot = snapshot();
        for (OperatorProcess operator : sim.operators) {
            operator.told(snapshot);
        }
    }

    Snapshot snapshot() {
        TreeMap<String, Snapshot.Seen> seenPods = new TreeMap<>();
        pods.forEach((member, pod) -> seenPods.put(
                member,
                new Snapshot.Seen(
                        new PodView(
                                pod.instance.podUid,
                                pod.container instanceof Container.Unknown ? null : "10.0.0." + pod.instance.node,
                                "node-" + pod.instance.node,
                                nodeStates[pod.instance.node],
                                pod.container,
                                pod.deleting,
                                pod.ready,
                                pod.role,
                                pod.reads,
                                pod.instance.template,
                                pod.config,
                                pod.told,
                                null,
                                Simulation.BEGINNING),
                        pod.instance)));
        TreeMap<String, ClaimView> seenClaims = new TreeMap<>();
        claims.forEach((member, claim) -> seenClaims.put(
                member, new ClaimView("data-" + member, claim.volume.uid, claim.systemId, claim.epoch, null, null)));
        return new Snapshot(version, seenPods, seenClaims, new TreeMap<>(sets), routed, ended());
    }

    /** As long as the pod is there; who hears of it later hears nothing any more. */
    private Set<String> ended() {
        Set<String> ended = new HashSet<>();
        for (Pod pod : pods.values()) {
            if (pod.container instanceof Container.Terminated terminated) {
                ended.add(terminated.name());
            }
            if (!pod.lastEnded.isEmpty()) {
                ended.add(pod.lastEnded);
            }
        }
        return ended;
    }

    List<String> members() {
        return new ArrayList<>(sets.keySet());
    }
}
