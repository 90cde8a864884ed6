package dev.primacy.operator.sim;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.Facts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** What goes wrong, and what people do meanwhile; until it is left in peace. */
final class Faults {
    static final String OPERATOR_DIES_BETWEEN_STEPS = "fault: operator dies between two steps";
    static final String OPERATOR_PAUSES_BETWEEN_STEPS = "fault: operator pauses between a check and an act";
    static final String MEMBER_DIES_BETWEEN_STEPS = "fault: PostgreSQL dies between two steps";
    static final String SCRIPT_DIES_BETWEEN_STEPS = "fault: script dies between two steps";
    static final String TWO_LEADERS = "fault: two operators believe that they lead";
    static final String LATE_SQL = "fault: late SQL";
    static final String DUPLICATED_SQL = "fault: duplicated SQL";
    static final String ANSWER_LOST = "fault: status written, answer lost";

    /** What happens without being chosen here. */
    private static final Set<String> BY_THE_WAY = Set.of(
            OPERATOR_DIES_BETWEEN_STEPS,
            OPERATOR_PAUSES_BETWEEN_STEPS,
            MEMBER_DIES_BETWEEN_STEPS,
            SCRIPT_DIES_BETWEEN_STEPS,
            TWO_LEADERS,
            LATE_SQL,
            DUPLICATED_SQL,
            ANSWER_LOST);

    /** The list of the protocol, and what people do meanwhile; the campaign fails if one of them never occurs. */
    private static final Set<String> CHOSEN = Set.of(
            "postgres killed",
            "postgres killed amid many subtransactions",
            "container killed",
            "pod deleted",
            "pod deleted by force",
            "operator killed",
            "operator paused",
            "operator paused for long",
            "leading operator paused",
            "both operators paused",
            "both operators paused for long",
            "crashes and pauses at the boundaries of steps",
            "late SQL everywhere",
            "link cut",
            "link cut one way",
            "node cut off",
            "operators cut off from a node",
            "operators lose the primary alone",
            "api server down",
            "api server down during a failover",
            "conflict",
            "stale watch",
            "wall clock step",
            "clock drift",
            "node frozen",
            "node powered off",
            "node lost for good",
            "every node powered off",
            "primary and the standby ahead powered off",
            "kubelet dead",
            "volume lost",
            "volume lost while everybody follows",
            "volume lost while everybody follows, emptyDir",
            "volume lost while everybody follows, synchronous",
            "full disk",
            "postmaster stopped",
            "script stopped",
            "script stopped for long",
            "walsender stopped",
            "walsender stopped for long",
            "replay conflict",
            "replay conflict for long",
            "replay paused",
            "no connections left",
            "stale ConfigMap",
            "address reused",
            "status wiped",
            "older status restored",
            "switchover asked for",
            "rebuild asked for",
            "restart asked for",
            "template changed",
            "configuration changed",
            "paused",
            "node cordoned",
            "scaled",
            "scaled during a failover",
            "replication changed",
            "replication changed during a failover");

    /** Every fault, by the name under which it is counted. */
    static Set<String> all() {
        Set<String> all = new TreeSet<>(BY_THE_WAY);
        CHOSEN.forEach(name -> all.add(name(name)));
        return all;
    }

    private static String name(String fault) {
        return "fault: " + fault;
    }

    private void count(String fault) {
        if (!CHOSEN.contains(fault)) {
            throw new IllegalArgumentException("the list of faults lacks " + fault);
        }
        sim.coverage.hit(name(fault));
    }

    private final Simulation sim;
    private final long until;
    private final double mean;
    private final int calm;
    private boolean exclusive;
    private boolean aNodeIsLost;
    private long lostAt;
    private int active;

    Faults(Simulation sim, long until) {
        this.sim = sim;
        this.until = until;
        this.mean = new double[] {4_000, 12_000, 30_000}[sim.time.below(3)];
        this.calm = sim.time.below(4);
        sim.time.after(sim.time.between(8_000, 25_000), this::next);
        if (sim.time.chance(0.2)) {
            sim.time.after(sim.time.between(40_000, 250_000), this::loseNode);
        }
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
        count(name);
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
        count(name);
        sim.trace(() -> "fault " + name);
        what.run();
    }

    /** Mostly one that outlasts some of the protocol's patience, now and then all of it. */
    private void stall(String name, long most, LongConsumer what) {
        boolean outlasts = sim.time.chance(0.15);
        long duration = outlasts ? sim.time.between(most, 150_000) : sim.time.between(500, most);
        once(outlasts ? name + " for long" : name, () -> what.accept(Math.min(duration, until - sim.time.now)));
    }

    private void strike() {
        if (aNodeIsLost) {
            strikeWhoIsLeft();
            return;
        }
        Network network = sim.network;
        int node = sim.time.chance(0.5) ? primaryNode() : sim.time.below(network.nodes);
        Instance some = sim.time.chance(0.6) ? primary() : any();
        switch (sim.time.below(calm == 0 ? 42 : 36)) {
            case 0, 1 -> once("postgres killed", () -> with(some, Instance::crash));
            case 2 -> once("container killed", () -> with(some, Instance::endContainer));
            case 3 -> once("pod deleted", () -> with(some, it -> sim.api.delete(it.member, it.podUid, false)));
            case 4 -> once("pod deleted by force", () -> with(some, it -> sim.api.delete(it.member, it.podUid, true)));
            case 5 -> {
                if (sim.time.chance(0.3)) {
                    powerOfThePrimaryAndTheStandbyAhead();
                } else {
                    power(node);
                }
            }
            case 6 -> {
                if (sim.time.chance(0.2)) {
                    once("every node powered off", () -> {
                        for (int every = 0; every < network.nodes; every++) {
                            power(every);
                        }
                    });
                } else {
                    power(node);
                }
            }
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
            case 16, 17 -> killOperator();
            case 18, 19 -> pauseOperators();
            case 20 -> stopApiServer();
            case 21 -> delayWatch();
            case 22 -> once("conflict", () -> sim.api.resourceVersion++);
            case 23 ->
                with(
                        some,
                        it -> during("full disk", 40_000, () -> it.volume.full = true, () -> it.volume.full = false));
            case 24 -> {
                if (sim.time.chance(0.5)) {
                    with(
                            some,
                            it -> stall(
                                    "replay conflict",
                                    20_000,
                                    duration -> it.replayStalledUntil = sim.time.now + duration));
                } else {
                    pauseReplay();
                }
            }
            case 25 -> {
                if (sim.everSynchronous && sim.time.chance(0.5)) {
                    stopScript(some);
                } else {
                    hang(some);
                }
            }
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
            case 29, 30 -> stopWalsender(some);
            case 31 ->
                with(some, it -> once("stale ConfigMap", () -> it.staleProjections(sim.time.between(5_000, 90_000))));
            case 32 -> reuseAddress(some);
            case 33 -> drift(node);
            case 34 -> breakAtBoundaries();
            case 35 -> changeDuringFailover(some);
            case 36 ->
                once(
                        "wall clock step",
                        () -> sim.operators
                                .get(sim.time.below(2))
                                .stepWallClock(sim.time.between(-3_600_000, 3_600_000)));
            case 37 -> loseVolume();
            case 38 -> statusWiped();
            case 39 -> killAmidSubtransactions();
            case 40 -> olderStatusRestored();
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
                    sim.operators.stream()
                            .filter(it -> it.node == node)
                            .forEach(it -> it.die(sim.time.between(1_000, 5_000)));
                    boolean vouched = sim.time.chance(0.2);
                    if (vouched) {
                        sim.time.after(5_000, () -> vouch(node, network.off[node]));
                    }
                },
                () -> {
                    network.boot(node, sim.time.now);
                    // Whoever vouched looks first, and then takes the taint off.
                    sim.time.after(sim.time.chance(0.3) ? sim.time.between(0, 30_000) : 0, () -> vouch(node, false));
                });
    }

    /**
     * While all is well: whatever befalls those that are left, as long as all of it heals, there is to be a primary in the end that clients
     * are led to.
     */
    private void loseNode() {
        Instance lost = sim.time.chance(0.6) ? primary() : any();
        if (exclusive || lost == null || !isQuiet(lost, sim.api.facts())) {
            if (sim.time.now + 90_000 < until) {
                sim.time.after(500, this::loseNode);
            }
            return;
        }
        once("node lost for good", () -> {
            aNodeIsLost = true;
            lostAt = sim.time.now;
            sim.trace(() -> "with " + lost.member);
            sim.network.off[lost.node] = true;
            lost.endContainer();
        });
        if (sim.time.chance(0.5)) {
            pauseLeader();
        }
    }

    /** Long enough for the other to succeed the primary, and to forget whom it succeeded. */
    private void pauseLeader() {
        long duration = Math.min(sim.time.between(40_000, 120_000), until - sim.time.now);
        exclusive = true;
        once(
                "leading operator paused",
                () -> sim.operators.stream().filter(OperatorProcess::leads).forEach(leader -> leader.freeze(duration)));
        sim.time.after(duration + 5_000, () -> exclusive = false);
    }

    private void strikeWhoIsLeft() {
        Instance some = sim.time.chance(0.6) ? primary() : any();
        boolean lives = some != null && !sim.network.off[some.node];
        switch (sim.time.below(12)) {
            case 0, 1 -> killOperator();
            case 2, 3, 4 -> pauseOperators();
            case 5 -> stopApiServer();
            case 6 -> delayWatch();
            case 7 -> breakAtBoundaries();
            case 8 -> {
                // Whoever scales to one before the loss is seen asks for a primary that nobody may succeed without
                // proof.
                if (sim.time.now - lostAt > 10_000) {
                    people();
                }
            }
            case 9 -> {
                if (lives) {
                    once("postgres killed", () -> with(some, Instance::crash));
                }
            }
            case 10 -> {
                if (lives) {
                    once("pod deleted", () -> with(some, it -> sim.api.delete(it.member, it.podUid, false)));
                }
            }
            default -> during("late SQL everywhere", 20_000, () -> sim.lateSql = 0.3, () -> sim.lateSql = 0.01);
        }
    }

    private void vouch(int node, boolean off) {
        sim.network.outOfService[node] = off;
        sim.api.lookAtNodes();
    }

    /** They share a supply, and the other standbys lag: what was acknowledged last only these two have. */
    private void powerOfThePrimaryAndTheStandbyAhead() {
        Instance primary = primary();
        if (primary == null || primary.senders.size() < 2) {
            return;
        }
        List<Sender> senders = List.copyOf(primary.senders.values());
        Sender ahead = senders.get(sim.time.below(senders.size()));
        senders.stream()
                .filter(sender -> sender != ahead)
                .forEach(sender -> sender.stoppedUntil = sim.time.now + sim.time.between(3_000, 10_000));
        sim.time.after(sim.time.between(50, 800), () -> {
            if (!exclusive && sim.time.now < until) {
                once("primary and the standby ahead powered off", () -> {
                    power(primary.node);
                    power(ahead.standby.node);
                });
            }
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

    private void killOperator() {
        once("operator killed", () -> sim.operators.get(sim.time.below(2)).die(sim.time.between(500, 8_000)));
    }

    private void stopApiServer() {
        during("api server down", 40_000, () -> sim.api.up = false, () -> sim.api.up = true);
    }

    private void delayWatch() {
        once(
                "stale watch",
                () -> sim.operators.get(sim.time.below(2)).deafUntil = sim.time.now + sim.time.between(1_000, 15_000));
    }

    private void breakAtBoundaries() {
        double chance = sim.time.chance(0.5) ? 0.05 : 0.3;
        during(
                "crashes and pauses at the boundaries of steps",
                30_000,
                () -> sim.atBoundaries = chance,
                () -> sim.atBoundaries = 0);
    }

    /** Mostly one, so that the other leads meanwhile. */
    private void pauseOperators() {
        if (sim.time.chance(0.8)) {
            stall(
                    "operator paused",
                    25_000,
                    duration -> sim.operators.get(sim.time.below(2)).freeze(duration));
        } else {
            stall(
                    "both operators paused",
                    25_000,
                    duration -> sim.operators.forEach(operator -> operator.freeze(duration)));
        }
    }

    /** By a person, who may have gone home since. */
    private void pauseReplay() {
        Instance standby = any();
        if (standby == null || standby.postgres != Instance.Postgres.UP || !standby.recovery) {
            return;
        }
        once("replay paused", () -> {
            standby.pauseReplay();
            if (sim.time.chance(0.5)) {
                sim.time.after(sim.time.between(1_000, 60_000), standby::resumeReplay);
            }
        });
    }

    /** One walsender of the instance is stopped, and goes on; it stays "streaming" meanwhile. */
    private void stopWalsender(@Nullable Instance instance) {
        with(instance, it -> {
            List<Sender> all = List.copyOf(it.senders.values());
            if (!all.isEmpty()) {
                stall(
                        "walsender stopped",
                        15_000,
                        duration -> all.get(sim.time.below(all.size())).stoppedUntil = sim.time.now + duration);
            }
        });
    }

    /**
     * Where one member is looked for, another is: names and caches are older than the address, which was free since its pod ended,
     * and went to the other's next one.
     */
    private void reuseAddress(@Nullable Instance instance) {
        Instance other = any();
        if (instance == null
                || other == null
                || other == instance
                || instance.containerRuns
                || !sim.reusedAddress.isEmpty()) {
            return;
        }
        during(
                "address reused",
                20_000,
                () -> {
                    sim.reusedAddress = instance.member;
                    sim.reusedBy = other.member;
                    sim.reusedAfter = other.container;
                },
                () -> {
                    sim.reusedAddress = "";
                    sim.reusedBy = "";
                    sim.reusedAfter = "";
                });
    }

    /** Far more than any oscillator does: a percent. */
    private void drift(int node) {
        double pace = 1 + (sim.time.below(2001) - 1000) / 100_000.0;
        during(
                "clock drift",
                120_000,
                () -> sim.network.drift(node, pace, sim.time.now),
                () -> sim.network.drift(node, 1, sim.time.now));
    }

    /** The primary is lost, and once its succession has begun, something else changes. */
    private void changeDuringFailover(@Nullable Instance instance) {
        with(instance, it -> {
            if (sim.time.chance(0.5)) {
                once("container killed", it::endContainer);
            } else {
                power(it.node);
            }
            awaitFailover(300, sim.time.between(0, 2_000));
        });
    }

    private void awaitFailover(int looks, long then) {
        if (looks == 0 || sim.time.now >= until) {
            return;
        }
        if (sim.api.facts().intent() == null) {
            sim.time.after(50, () -> awaitFailover(looks - 1, then));
            return;
        }
        sim.time.after(then, () -> {
            if (sim.api.facts().intent() == null || sim.time.now >= until) {
                return;
            }
            switch (sim.time.below(3)) {
                case 0 ->
                    during(
                            "api server down during a failover",
                            10_000,
                            () -> sim.api.up = false,
                            () -> sim.api.up = true);
                case 1 -> once("scaled during a failover", this::scale);
                default -> {
                    if (sim.mixed && sim.api.instances > 1) {
                        once("replication changed during a failover", this::changeReplication);
                    }
                }
            }
        });
    }

    /** Asynchronous clusters rely on its loop: see "What remains" in docs/high-availability.md. */
    private void stopScript(@Nullable Instance instance) {
        with(
                instance,
                it -> stall("script stopped", 20_000, duration -> it.scriptStoppedUntil = sim.time.now + duration));
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
        if (old == null || !isQuiet(old, facts)) {
            return;
        }
        sim.trace(() -> "fault operators lose the primary alone");
        count("operators lose the primary alone");
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

    private boolean isQuiet(Instance suspect, Facts facts) {
        return active == 0
                && everybodyFollows()
                && sim.api.pods.values().stream()
                        .noneMatch(pod -> pod.deleting || pod.instance.postgres != Instance.Postgres.UP)
                && facts.members().size() >= 3
                && sim.instances.stream().allMatch(it -> it.volume.epoch <= facts.epoch())
                && sim.time.now + 90_000 < until
                && sim.instances.stream().noneMatch(it -> it != suspect && !it.gone && it.node == suspect.node)
                && sim.operators.stream().noneMatch(it -> it.node == suspect.node)
                && sim.operators.stream().filter(OperatorProcess::leads).count() == 1
                && sim.operators.stream().allMatch(OperatorProcess::runs)
                && sim.instances.stream()
                        .noneMatch(it -> it.hung || it.outOfConnections || it.replayStalledUntil > sim.time.now);
    }

    /**
     * One in a run. While every member follows, the protocol promises that the others go on, with all that was acknowledged if that is
     * required. It promises nothing of the volume that an asynchronous cluster loses while others lack something, so that the end is not
     * judged then.
     */
    private void loseVolume() {
        Instance lost = any();
        if (lost == null || sim.volumeWasLost || sim.statusIsOlder) {
            return;
        }
        boolean others = everybodyFollows();
        int copies = sim.api.claims.size();
        // Nobody can know of the data that were there, or of the timelines that it alone has seen.
        boolean unknown = copies == 1 && sim.statusWasLost;
        if (!others && (copies == 2 || unknown || sim.api.emptyDir || sim.everSynchronous)) {
            return;
        }
        String name = !others
                ? "volume lost"
                : sim.everSynchronous
                        ? "volume lost while everybody follows, synchronous"
                        : sim.api.emptyDir
                                ? "volume lost while everybody follows, emptyDir"
                                : "volume lost while everybody follows";
        once(name, () -> {
            sim.volumeWasLost = true;
            sim.dataMayBeLost = !others;
            sim.trace(() -> lost.member + " loses its volume");
            sim.api.claims.remove(lost.member);
            lost.gone = true;
            lost.endContainer();
            lost.volume.lost = true;
            sim.api.forget(lost);
            sim.api.sets.remove(lost.member);
        });
    }

    /** The members are those that are asked for, each has a copy, and no change of who may be promoted or is waited for is under way. */
    private boolean everybodyFollows() {
        Instance primary = primary();
        Facts facts = sim.api.facts();
        return primary != null
                && primary.writable()
                && facts.intent() == null
                && facts.members().size() >= 2
                && facts.members().size() == sim.api.instances
                && primary.senders.size() == facts.members().size() - 1
                && facts.promotable().size() == 1
                && facts.promotable().getFirst().size() == facts.members().size()
                && facts.synchronous().size() == 1
                && nobodyIsToldToGo();
    }

    /**
     * A request or an instruction that is on its way, or that the script is about to carry out, may take a member, or the primary, a
     * moment later.
     */
    private boolean nobodyIsToldToGo() {
        return sim.api.requests.isEmpty()
                && sim.api.pods.values().stream()
                        .allMatch(pod -> pod.instance.ask.isEmpty()
                                && (pod.instruction.isEmpty() || pod.instruction.equals(pod.instance.volume.obeyed)));
    }

    /** While the status is lost every copy is awaited, and this one does not show what it has: a person has to say what it is worth. */
    private void killAmidSubtransactions() {
        Instance primary = primary();
        if (primary == null || !primary.writable() || primary.volume.solo || sim.statusWasLost) {
            return;
        }
        once("postgres killed amid many subtransactions", () -> {
            primary.volume.subtransactions = true;
            primary.crash();
        });
    }

    /** Also of a retained claim, which is taken up as well when the status is lost. */
    private boolean somebodyIsLockedOut() {
        return sim.instances.stream().anyMatch(it -> it.volume.subtransactions)
                || sim.api.claims.values().stream().anyMatch(it -> it.volume.subtransactions);
    }

    private void statusWiped() {
        if (somebodyIsLockedOut()
                || sim.statusWasLost
                || (sim.volumeWasLost && sim.api.claims.size() == 1)
                || !somethingTellsOfTheData()) {
            return;
        }
        once("status wiped", () -> {
            sim.statusWasLost = true;
            sim.api.status = ApiServer.NEVER;
            sim.api.resourceVersion++;
        });
    }

    /** Without claims the pods alone tell that there are data. */
    private boolean somethingTellsOfTheData() {
        return sim.api.emptyDir
                ? sim.api.pods.values().stream().anyMatch(pod -> !pod.instance.volume.empty())
                : sim.api.claims.values().stream().anyMatch(claim -> claim.systemId != null);
    }

    /** As from a backup of the resource: what was decided since is forgotten. */
    private void olderStatusRestored() {
        List<PostgresClusterStatus> older = sim.api.older();
        if (older.isEmpty() || sim.statusWasLost || sim.volumeWasLost || somebodyIsLockedOut()) {
            return;
        }
        once("older status restored", () -> {
            sim.statusWasLost = true;
            sim.statusIsOlder = true;
            sim.api.status = older.get(sim.time.below(older.size()));
            sim.api.resourceVersion++;
        });
    }

    // --- what people do ----------------------------------------------------------------------------------------------

    private void people() {
        ApiServer api = sim.api;
        switch (sim.time.below(10)) {
            case 0, 1 ->
                once("switchover asked for", () -> {
                    api.requests.put(
                            "switchover",
                            sim.time.chance(0.5) ? "" : sim.names.member(1 + sim.time.below(api.instances)));
                    api.resourceVersion++;
                });
            case 2 -> once("scaled", this::scale);
            case 3 ->
                once("template changed", () -> {
                    api.template = "t" + api.next();
                    spec();
                });
            case 4 ->
                once("configuration changed", () -> {
                    api.config = "c" + api.next() + "-" + 50 * (1 + sim.time.below(3));
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
                    once("replication changed", this::changeReplication);
                }
            }
            case 7 ->
                once("restart asked for", () -> {
                    api.requests.put("restart", "r" + api.next());
                    api.resourceVersion++;
                });
            case 8 ->
                during(
                        "paused",
                        60_000,
                        () -> {
                            api.paused = true;
                            spec();
                        },
                        () -> {
                            api.paused = false;
                            spec();
                        });
            default ->
                once("rebuild asked for", () -> {
                    api.requests.put("rebuild", sim.names.member(1 + sim.time.below(api.instances)));
                    api.resourceVersion++;
                });
        }
    }

    private void scale() {
        ApiServer api = sim.api;
        int least =
                api.replication.mode() == Replication.Mode.Synchronous ? api.replication.synchronousStandbys() + 1 : 1;
        api.instances = (int) sim.time.between(Math.max(least, api.emptyDir ? 2 : least), 5);
        spec();
    }

    private void changeReplication() {
        ApiServer api = sim.api;
        Replication.Mode mode = sim.time.chance(0.5) ? Replication.Mode.Synchronous : Replication.Mode.Asynchronous;
        Replication.Durability durability =
                sim.time.chance(0.5) ? Replication.Durability.Required : Replication.Durability.Preferred;
        int number = 1 + sim.time.below(api.instances - 1);
        sim.everSynchronous |= mode == Replication.Mode.Synchronous;
        api.replication = new Replication(mode, number, durability, null);
        sim.invariants.promisesEnd();
        spec();
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
