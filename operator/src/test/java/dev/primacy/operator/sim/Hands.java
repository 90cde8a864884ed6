package dev.primacy.operator.sim;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Instruction;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Carries out a pass's actions one after the other, over SQL and Kubernetes that fail, hang, and answer late. */
final class Hands {
    private static final long FAILED = -1;
    private static final Pattern NAMES = Pattern.compile("ANY (\\d+) \\((.*)\\)");

    private final Simulation sim;
    private final OperatorProcess operator;
    /** Our command session at each member, while it is believed to stand. */
    private final Map<String, Integer> sessions = new HashMap<>();

    private final Map<String, Long> sessionEpochs = new HashMap<>();

    interface Ended {
        void with(boolean done, boolean superseded);
    }

    Hands(Simulation sim, OperatorProcess operator) {
        this.sim = sim;
        this.operator = operator;
    }

    void forget() {
        sessions.clear();
        sessionEpochs.clear();
    }

    void run(List<Action> actions, Ended ended) {
        run(actions, 0, new HashSet<>(), new boolean[2], ended);
    }

    private void run(List<Action> actions, int next, Set<String> failed, boolean[] result, Ended ended) {
        if (next == actions.size() || result[1]) {
            ended.with(result[0], result[1]);
            return;
        }
        Action action = actions.get(next);
        String member = action instanceof Action.Sql sql ? sql.member() : "";
        if (failed.contains(member)) {
            run(actions, next + 1, failed, result, ended);
            return;
        }
        if (operator.endsAt(Boundary.BEFORE_AN_ACTION)) {
            return;
        }
        sim.coverage.hit("action: " + action.getClass().getSimpleName());
        sim.trace(() -> "operator " + operator.index + " " + action);
        Consumer<Boolean> then = done -> {
            if (done) {
                result[0] = true;
            } else {
                failed.add(member);
            }
            run(actions, next + 1, failed, result, ended);
        };
        switch (action) {
            case Action.Sql sql -> sql(sql, result, then);
            case Action.Kube kube -> operator.after(sim.time.between(1, 12), () -> then.accept(kube(kube)));
        }
    }

    // --- Kubernetes --------------------------------------------------------------------------------------------------

    private boolean kube(Action.Kube action) {
        ApiServer api = sim.api;
        if (!api.reachedFrom(operator.node)) {
            return false;
        }
        switch (action) {
            case Action.Route route -> {
                if (route.from() != null
                        && !route.from().equals(api.routed)
                        && !route.member().equals(api.routed)) {
                    sim.coverage.hit("api: route refused");
                    return false;
                }
                api.routed = route.member();
                api.changed();
            }
            case Action.Label label ->
                pod(label.member(), pod -> {
                    pod.role = label.role();
                    pod.reads = label.reads();
                });
            case Action.SetReady ready -> pod(ready.member(), pod -> pod.ready = ready.ready());
            case Action.TouchConfig touch ->
                pod(touch.member(), pod -> {
                    pod.config = touch.configHash();
                    pod.instance.project(sim.time.between(100, 900), () -> pod.instance.projectedConfig = pod.config);
                });
            case Action.Instruct instruct ->
                pod(instruct.member(), pod -> {
                    Instruction order = instruct.instruction();
                    boolean copies = order.verb() != Instruction.Verb.PROMOTE;
                    String argument = copies ? sim.memberOf(order.argument()) : order.argument();
                    pod.told = order;
                    pod.instruction = new Instruction(order.id(), order.epoch(), order.verb(), argument).text();
                    // However late, a kubelet projects what the annotation is then.
                    pod.instance.project(sim.time.between(140, 280), () -> pod.instance.instruction = pod.instruction);
                });
            case Action.DeletePod delete ->
                api.delete(
                        delete.member(),
                        delete.uid(),
                        delete.grace() != null && delete.grace().isZero());
            case Action.RemoveMember remove -> api.removeMember(remove);
            case Action.DeleteClaim delete -> api.deleteClaim(delete.member(), delete.uid());
            case Action.AnnotateClaim annotate -> {
                ApiServer.Claim claim = api.claims.get(annotate.member());
                if (claim != null && claim.volume.uid.equals(annotate.uid())) {
                    claim.systemId = annotate.systemId();
                    claim.epoch = Math.max(claim.epoch, annotate.epoch());
                    api.changed();
                }
            }
            case Action.ConsumeRequest consume -> {
                api.requests.remove(consume.name());
                api.resourceVersion++;
            }
            case Action.DeleteCluster ignored -> throw new IllegalStateException("nobody asked for that");
        }
        return true;
    }

    private void pod(String member, Consumer<ApiServer.Pod> change) {
        ApiServer.Pod pod = sim.api.pods.get(member);
        if (pod != null) {
            change.accept(pod);
            sim.api.changed();
        }
    }

    // --- SQL ---------------------------------------------------------------------------------------------------------

    private void sql(Action.Sql action, boolean[] result, Consumer<Boolean> then) {
        Instance target = operator.instance(action.member());
        long epoch = operator.ownEpoch;
        int[] answered = {0};
        Consumer<Boolean> once = done -> {
            if (answered[0]++ == 0) {
                then.accept(done);
            }
        };
        if (target == null
                || !target.member.equals(action.member()) // its certificate names another
                || !sim.network.reaches(operator.node, target.node)
                || !sim.network.runs(target.node)
                || target.hung
                || target.outOfConnections) {
            operator.after(target == null ? 1 : sim.time.between(500, 2_000), () -> once.accept(false));
            return;
        }
        if (target.postgres != Instance.Postgres.UP) {
            operator.after(2, () -> once.accept(false));
            return;
        }
        int life = operator.life();
        boolean late = sim.time.chance(sim.lateSql);
        long delay = late ? sim.time.between(1_500, 15_000) : sim.time.between(1, 5);
        Integer held = sessions.get(action.member());
        boolean kept =
                held != null && target.session == held && sessionEpochs.getOrDefault(action.member(), -1L) == epoch;
        if (late) {
            sim.coverage.hit(Faults.LATE_SQL);
            operator.after(life, 2_000, () -> {
                sessions.remove(action.member()); // timed out: the next opens another
                once.accept(false);
            });
            if (!kept) {
                return; // to open a session takes several messages; a late one alone does nothing
            }
        }
        sim.time.after(delay, () -> {
            if (!target.answers()) {
                operator.after(life, 100, () -> once.accept(false));
                return;
            }
            if (kept
                    ? !Objects.equals(held, target.session) && sim.mutation != Mutation.LEASE_ALONE
                    : !open(target, epoch, result)) {
                operator.after(life, 1, () -> once.accept(false));
                return;
            }
            int token = target.session;
            if (sim.mutation != Mutation.LEASE_ALONE) {
                sim.invariants.acted(epoch, target);
            }
            long takes = act(action, target, token);
            if (sim.time.chance(sim.lateSql)) {
                sim.coverage.hit(Faults.DUPLICATED_SQL);
                sim.time.after(sim.time.between(0, 50), () -> {
                    if (target.answers() && target.session == token) {
                        act(action, target, token);
                    }
                });
            }
            operator.after(life, takes == FAILED ? 5 : takes, () -> {
                boolean heard = sim.network.reaches(target.node, operator.node);
                once.accept(heard && takes != FAILED);
            });
        });
    }

    /** Rule 1: ends the others' sessions, and then finds an epoch that is not newer. */
    private boolean open(Instance target, long epoch, boolean[] result) {
        Volume volume = target.volume;
        if (sim.mutation == Mutation.LEASE_ALONE) {
            volume.epoch = Math.max(volume.epoch, epoch);
        } else if (volume.epoch > epoch && sim.mutation != Mutation.SESSION_WITHOUT_EPOCH) {
            sim.coverage.hit("action: superseded");
            result[1] = true;
            return false;
        }
        target.session = (int) sim.api.next();
        target.grantFrom[1 - operator.index] = -1;
        if (volume.epoch != epoch) {
            volume.epoch = Math.max(epoch, volume.epoch);
            target.changed();
        }
        sessions.put(target.member, target.session);
        sessionEpochs.put(target.member, epoch);
        return true;
    }

    /** What it does at the member; how long until the answer. */
    private long act(Action.Sql action, Instance target, int session) {
        Volume volume = target.volume;
        switch (action) {
            case Action.AdoptEpoch ignored -> {
                return 1;
            }
            case Action.Vote vote -> {
                if (target.recovery) {
                    volume.synchronous = parse(vote.synchronousStandbyNames());
                }
                return vote(target);
            }
            case Action.Promote promote -> {
                return promote(promote, target, session);
            }
            case Action.Follow follow -> {
                if (!target.recovery) {
                    return FAILED;
                }
                volume.reservedTo = 0;
                volume.conninfo = sim.memberOf(follow.host());
                volume.slot = follow.slot();
                if (target.endsAt(Boundary.WHEN_TOLD_WHOM_TO_FOLLOW)) {
                    return FAILED;
                }
                target.follow();
                return 5;
            }
            case Action.SetSynchronous set -> {
                volume.synchronous = parse(set.synchronousStandbyNames());
                target.changed();
                target.acknowledge();
                return 3;
            }
            case Action.SetPromotable set -> {
                volume.promotable = set.promotable();
                target.changed();
                return 3;
            }
            case Action.SetSolo solo -> {
                volume.solo = solo.solo();
                target.changed();
                return 3;
            }
            case Action.CreateSlot slot -> {
                volume.slots.add(slot.slot());
                target.changed();
                return 2;
            }
            case Action.DropSlot slot -> {
                volume.slots.remove(slot.slot());
                target.changed();
                return 2;
            }
            case Action.RestartInPlace restart -> {
                target.restart(restart.lower());
                return sim.time.between(20, 200);
            }
            case Action.Reload reload -> {
                if (!target.projectedConfig.equals(reload.configHash())) {
                    return FAILED;
                }
                target.config = reload.configHash();
                target.pendingRestart = sim.time.chance(0.5);
                if (target.endsAt(Boundary.WHEN_RELOADED)) {
                    return FAILED;
                }
                target.changed();
                return 5;
            }
            case Action.Checkpoint ignored -> {
                return 20;
            }
            case Action.EnsureApplication application -> {
                operator.applied(application.member());
                return 10;
            }
        }
    }

    private long vote(Instance target) {
        Volume volume = target.volume;
        if (!target.recovery) {
            return FAILED;
        }
        volume.conninfo = "";
        volume.slot = "";
        target.changed();
        if (target.endsAt(Boundary.WHILE_IT_VOTES)) {
            return FAILED;
        }
        target.resumeReplay();
        long takes = Math.max(sim.time.between(5, 50), target.replayStalledUntil - sim.time.now);
        int run = target.run;
        sim.time.after(takes, () -> {
            if (target.run == run && volume.conninfo.isEmpty()) {
                target.stopReceiver();
            }
        });
        return takes > 2_000 ? FAILED : takes + 25;
    }

    /** Rule 7, in its steps: each may be the last. */
    private long promote(Action.Promote promote, Instance target, int session) {
        Volume volume = target.volume;
        if (promote.container() != null && !promote.container().equals(target.container)) {
            sim.coverage.hit("action: promote, in another container");
            return FAILED;
        }
        volume.synchronous = parse(promote.synchronousStandbyNames());
        volume.promotable = promote.promotable();
        target.changed();
        if (!target.recovery) {
            return 3;
        }
        long guard = volume.epoch;
        int run = target.run;
        BooleanSupplier standing = () -> target.run == run && target.session == session;
        sim.time.after(sim.time.between(1, 4), () -> {
            if (!standing.getAsBoolean() || (!operator.runs() && sim.time.chance(0.5))) {
                return;
            }
            volume.reservedTo = Math.max(volume.reservedTo, promote.reserveTo());
            if (target.endsAt(Boundary.WHEN_TIMELINES_ARE_RESERVED)) {
                return;
            }
            sim.time.after(sim.time.between(1, 4), () -> {
                boolean sent = operator.runs() || sim.time.chance(0.5);
                if (!standing.getAsBoolean()
                        || !sent
                        || (volume.epoch != guard && sim.mutation != Mutation.LEASE_ALONE)) {
                    return;
                }
                target.orderPromotion(guard);
            });
        });
        return 60;
    }

    private static SynchronousSet parse(String names) {
        Matcher matcher = NAMES.matcher(names);
        if (!matcher.matches()) {
            return SynchronousSet.NONE;
        }
        return new SynchronousSet(
                java.util.Arrays.stream(matcher.group(2).split(", "))
                        .filter(name -> name.startsWith("\""))
                        .map(name -> name.substring(1, name.length() - 1))
                        .toList(),
                Integer.parseInt(matcher.group(1)));
    }
}
