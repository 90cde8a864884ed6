package dev.primacy.operator.sim;

import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.Facts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What goes wrong, and what people do meanwhile; until it is left in peace. */
final class Faults {
    private final Simulation sim;
    private final long until;
    private final double mean;
    private final int calm;
    private boolean exclusive;
    private int active;

    Faults(Simulation sim, long until) {
        this.sim = sim;
        this.until = until;
        this.mean = new double[] {4_000, 12_000, 30_000}[sim.time.below(3)];
        this.calm = sim.time.below(4);
        sim.time.after(sim.time.between(8_000, 25_000), this::next);
    }

    private void next() {
        if (sim.time.now >= until) {
            return;
        }
        if (!exclusive) {
            strike();
        }
        sim.time.after((long) (mean * (0.2 + 1.6 * sim.time.below(1000) / 1000.0)), this::next);
    }

    /** Ends by itself, and before peace begins. */
    private void during(String name, long most, Runnable begin, Runnable end) {
        sim.coverage.hit("fault: " + name);
        long duration = sim.time.chance(0.3) ? sim.time.between(100, 3_000) : sim.time.between(1_000, most);
        sim.trace(() -> "fault " + name + " for " + duration + " ms");
        active++;
        begin.run();
        sim.time.after(Math.min(duration, Math.max(1, until - sim.time.now)), () -> {
            active--;
            sim.trace(() -> "fault " + name + " ends");
            end.run();
        });
    }

    private void once(String name, Runnable what) {
        sim.coverage.hit("fault: " + name);
        sim.trace(() -> "fault " + name);
        what.run();
    }

    private void strike() {
        Network network = sim.network;
        int node = sim.time.chance(0.5) ? primaryNode() : sim.time.below(network.nodes);
        Instance some = sim.time.chance(0.6) ? primary() : any();
        switch (sim.time.below(calm == 0 ? 33 : 29)) {
            case 0, 1 -> once("postgres killed", () -> with(some, Instance::crash));
            case 2 -> once("container killed", () -> with(some, Instance::endContainer));
            case 3 -> once("pod deleted", () -> with(some, it -> sim.api.delete(it.member, it.podUid, false)));
            case 4 -> once("pod deleted by force", () -> with(some, it -> sim.api.delete(it.member, it.podUid, true)));
            case 5, 6 -> power(node);
            case 7 -> freezeNode(node);
            case 8, 9 -> during("node cut off", 60_000, () -> isolate(node, 1), () -> isolate(node, -1));
            case 10 ->
                during(
                        "kubelet dead",
                        60_000,
                        () -> network.kubeletDead[node] = true,
                        () -> network.kubeletDead[node] = false);
            case 11, 12 -> link(node, sim.time.below(network.nodes + 1), true);
            case 13, 14 -> link(node, sim.time.below(network.nodes + 1), false);
            case 15 -> cutOperatorOff(node);
            case 16, 17 ->
                once(
                        "operator killed",
                        () -> sim.operators.get(sim.time.below(2)).die(sim.time.between(500, 8_000)));
            case 18, 19 ->
                once(
                        "operator paused",
                        () -> sim.operators.get(sim.time.below(2)).freeze(sim.time.between(500, 25_000)));
            case 20 -> during("api server down", 40_000, () -> sim.api.up = false, () -> sim.api.up = true);
            case 21 ->
                once(
                        "stale watch",
                        () -> sim.operators.get(sim.time.below(2)).deafUntil =
                                sim.time.now + sim.time.between(1_000, 15_000));
            case 22 -> once("conflict", () -> sim.api.resourceVersion++);
            case 23 ->
                with(
                        some,
                        it -> during("full disk", 40_000, () -> it.volume.full = true, () -> it.volume.full = false));
            case 24 ->
                with(
                        some,
                        it -> once(
                                "replay conflict",
                                () -> it.replayStalledUntil = sim.time.now + sim.time.between(500, 20_000)));
            case 25 -> hang(some);
            case 26 ->
                with(
                        some,
                        it -> during(
                                "no connections left",
                                20_000,
                                () -> it.outOfConnections = true,
                                () -> it.outOfConnections = false));
            case 27 -> people();
            case 28 -> operatorLosesPrimaryAlone();
            case 29 ->
                once(
                        "wall clock step",
                        () -> sim.operators
                                .get(sim.time.below(2))
                                .stepWallClock(sim.time.between(-3_600_000, 3_600_000)));
            case 30 -> loseVolume();
            case 31 -> statusWiped();
            default -> during("late SQL everywhere", 20_000, () -> sim.lateSql = 0.3, () -> sim.lateSql = 0.01);
        }
    }

    // --- what can break ----------------------------------------------------------------------------------------------

    private void power(int node) {
        Network network = sim.network;
        if (network.off[node]) {
            return;
        }
        during(
                "node powered off",
                60_000,
                () -> {
                    network.off[node] = true;
                    if (network.frozen[node]) {
                        network.thaw(node, sim.time.now);
                    }
                    sim.instances.stream().filter(it -> it.node == node).forEach(Instance::endContainer);
                    boolean vouched = sim.time.chance(0.2);
                    if (vouched) {
                        sim.time.after(5_000, () -> network.outOfService[node] = network.off[node]);
                    }
                },
                () -> {
                    network.off[node] = false;
                    network.outOfService[node] = false;
                });
    }

    private void freezeNode(int node) {
        Network network = sim.network;
        if (network.frozen[node] || network.off[node]) {
            return;
        }
        during("node frozen", 40_000, () -> network.frozen[node] = true, () -> {
            if (network.frozen[node]) {
                network.thaw(node, sim.time.now);
            }
        });
    }

    private void isolate(int node, int by) {
        for (int other = 0; other <= sim.network.nodes; other++) {
            if (other != node) {
                sim.network.cut(node, other, by);
                sim.network.cut(other, node, by);
            }
        }
    }

    private void link(int from, int to, boolean bothWays) {
        if (from == to) {
            return;
        }
        during(
                bothWays ? "link cut" : "link cut one way",
                40_000,
                () -> {
                    sim.network.cut(from, to, 1);
                    if (bothWays) {
                        sim.network.cut(to, from, 1);
                    }
                },
                () -> {
                    sim.network.cut(from, to, -1);
                    if (bothWays) {
                        sim.network.cut(to, from, -1);
                    }
                });
    }

    private void cutOperatorOff(int node) {
        during("operators cut off from a node", 50_000, () -> operators(node, 1), () -> operators(node, -1));
    }

    private void operators(int node, int by) {
        for (OperatorProcess operator : sim.operators) {
            if (operator.node != node) {
                sim.network.cut(operator.node, node, by);
                sim.network.cut(node, operator.node, by);
            }
        }
    }

    private void hang(@Nullable Instance instance) {
        with(
                instance,
                it -> once("postmaster stopped", () -> {
                    if (it.postgres != Instance.Postgres.UP) {
                        return;
                    }
                    String container = it.container;
                    it.hung = true;
                    // The kubelet's liveness probe: every 10 s, three failures, and a new container.
                    sim.time.after(sim.time.between(25_000, 40_000), () -> {
                        if (it.hung && it.container.equals(container)) {
                            it.hung = false;
                            it.endContainer();
                        }
                    });
                }));
    }

    /** Rule 11 has a bound: with everything else in order, somebody else is primary before long. */
    private void operatorLosesPrimaryAlone() {
        Instance old = primary();
        Facts facts = sim.api.facts();
        boolean quiet = active == 0
                && old != null
                && old.writable()
                && facts.intent() == null
                && facts.members().size() >= 3
                && facts.members().size() == sim.api.instances
                && old.senders.size() == facts.members().size() - 1
                && facts.promotable().size() == 1
                && facts.synchronous().size() == 1
                && facts.promotable().getFirst().size() == facts.members().size()
                && sim.time.now + 90_000 < until
                && sim.instances.stream().noneMatch(it -> it != old && !it.gone && it.node == old.node)
                && sim.operators.stream().noneMatch(it -> it.node == old.node)
                && sim.operators.stream().filter(OperatorProcess::leads).count() == 1
                && sim.operators.stream().allMatch(OperatorProcess::runs)
                && sim.instances.stream()
                        .noneMatch(it -> it.hung || it.outOfConnections || it.replayStalledUntil > sim.time.now);
        if (!quiet) {
            return;
        }
        sim.trace(() -> "fault operators lose the primary alone");
        sim.coverage.hit("fault: the operators lose the primary alone");
        exclusive = true;
        active++;
        operators(old.node, 1);
        sim.time.after(60_000, () -> {
            // A planned change of the primary that began just then leaves sets listed that only the old primary could
            // settle.
            boolean asBefore = sim.api.facts().synchronous().size() == 1;
            if (asBefore && old.member.equals(sim.api.facts().primary())) {
                throw new Violation(
                        8,
                        old.member + " has been out of the operators' reach for 60 s and nobody succeeded it: "
                                + sim.api.status.reason());
            }
            operators(old.node, -1);
            active--;
            exclusive = false;
        });
    }

    private void loseVolume() {
        Instance lost = any();
        Facts facts = sim.api.facts();
        if (lost == null
                || facts.members().size() < 3
                || sim.api.emptyDir
                || sim.dataMayBeLost
                || sim.everSynchronous) {
            return;
        }
        once("volume lost", () -> {
            sim.dataMayBeLost = true;
            sim.api.claims.remove(lost.member);
            lost.gone = true;
            lost.endContainer();
            lost.volume.lost = true;
            sim.api.forget(lost);
            sim.api.sets.remove(lost.member);
        });
    }

    private void statusWiped() {
        if (sim.api.emptyDir
                || sim.statusWasLost
                || sim.api.claims.values().stream().allMatch(it -> it.systemId == null)) {
            return;
        }
        once("status wiped", () -> {
            sim.statusWasLost = true;
            sim.api.status = ApiServer.NEVER;
            sim.api.resourceVersion++;
        });
    }

    // --- what people do ----------------------------------------------------------------------------------------------

    private void people() {
        ApiServer api = sim.api;
        switch (sim.time.below(8)) {
            case 0, 1 ->
                once("switchover asked for", () -> {
                    api.requests.put(
                            "switchover",
                            sim.time.chance(0.5) ? "" : sim.names.member(1 + sim.time.below(api.instances)));
                    api.resourceVersion++;
                });
            case 2 ->
                once("scaled", () -> {
                    int least = api.replication.mode() == Replication.Mode.Synchronous
                            ? api.replication.synchronousStandbys() + 1
                            : 1;
                    api.instances = (int) sim.time.between(Math.max(least, api.emptyDir ? 2 : least), 5);
                    spec();
                });
            case 3 ->
                once("template changed", () -> {
                    api.template = "t" + api.next();
                    spec();
                });
            case 4 ->
                once("configuration changed", () -> {
                    api.config = "c" + api.next();
                    spec();
                });
            case 5 -> {
                int node = primaryNode();
                during(
                        "node cordoned",
                        40_000,
                        () -> sim.network.cordoned[node] = true,
                        () -> sim.network.cordoned[node] = false);
            }
            case 6 -> {
                if (sim.mixed && api.instances > 1) {
                    once("replication changed", () -> {
                        Replication.Mode mode =
                                sim.time.chance(0.5) ? Replication.Mode.Synchronous : Replication.Mode.Asynchronous;
                        Replication.Durability durability = sim.time.chance(0.5)
                                ? Replication.Durability.Required
                                : Replication.Durability.Preferred;
                        int number = 1 + sim.time.below(api.instances - 1);
                        sim.everSynchronous |= mode == Replication.Mode.Synchronous;
                        api.replication = new Replication(mode, number, durability, null);
                        sim.invariants.promisesEnd();
                        spec();
                    });
                }
            }
            default ->
                once("rebuild asked for", () -> {
                    api.requests.put("rebuild", sim.names.member(1 + sim.time.below(api.instances)));
                    api.resourceVersion++;
                });
        }
    }

    private void spec() {
        sim.api.generation++;
        sim.api.resourceVersion++;
        sim.specChanged();
    }

    // --- whom it meets -----------------------------------------------------------------------------------------------

    private interface Strike {
        void at(Instance instance);
    }

    private static void with(@Nullable Instance instance, Strike strike) {
        if (instance != null && !instance.gone) {
            strike.at(instance);
        }
    }

    private @Nullable Instance primary() {
        String primary = sim.api.facts().primary();
        return primary == null ? null : sim.api.instance(primary);
    }

    private @Nullable Instance any() {
        List<Instance> all = new ArrayList<>();
        sim.api.pods.values().forEach(pod -> all.add(pod.instance));
        return all.isEmpty() ? null : all.get(sim.time.below(all.size()));
    }

    private int primaryNode() {
        Instance primary = primary();
        return primary == null ? 0 : primary.node;
    }
}
