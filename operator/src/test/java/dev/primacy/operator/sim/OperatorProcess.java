package dev.primacy.operator.sim;

import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Decider;
import dev.primacy.operator.decide.Decision;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.decide.Trace;
import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.RecordedFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One replica of the operator: its Lease, its informers, its monitor, its passes – the production {@code Decider} in the
 * surroundings of {@code Passes}. It may die or stop between any two steps.
 */
final class OperatorProcess {
    private static final long LEASE = 6_000;
    private static final long RENEW = 4_000;
    private static final Decider DECIDER = new Decider();

    final Simulation sim;
    final int index;
    final int node;
    final Map<String, Watch> watches = new HashMap<>();
    /** Where to look at each member: at its last address, while its pod has none. */
    private final Map<String, Instance> addresses = new HashMap<>();

    private final Hands hands;

    /** Grows when the process dies: what it had under way is over. */
    private int life;

    private boolean alive;
    private long frozenUntil;
    private final List<Runnable> held = new ArrayList<>();
    private boolean leads;
    private long leaderSince;
    private long confirmedAt = -1;
    private long renewedAt;

    long ownEpoch;
    private @Nullable String granted;
    long grantEpoch;
    private final Map<String, Long> lastGrants = new HashMap<>();
    boolean hurried;

    private ApiServer.@Nullable Snapshot cache;
    private final Set<String> ended = new HashSet<>();
    long deafUntil;
    private boolean busy;
    private boolean again;
    private int timer;
    private int rounds;
    private String appliedTo = "";
    private List<Action> before = List.of();
    private long wallStep;

    OperatorProcess(Simulation sim, int index, int node) {
        this.sim = sim;
        this.index = index;
        this.node = node;
        this.hands = new Hands(sim, this);
    }

    // --- life --------------------------------------------------------------------------------------------------------

    void start() {
        alive = true;
        int mine = ++life;
        after(sim.time.between(0, 500), () -> elect(mine));
    }

    void die(long downFor) {
        if (!alive) {
            return;
        }
        alive = false;
        life++;
        leads = false;
        confirmedAt = -1;
        ownEpoch = 0;
        granted = null;
        lastGrants.clear();
        watches.clear();
        addresses.clear();
        ended.clear();
        cache = null;
        busy = false;
        again = false;
        hurried = false;
        appliedTo = "";
        before = List.of();
        held.clear();
        hands.forget();
        sim.time.after(downFor, () -> {
            if (!alive) {
                start();
            }
        });
    }

    /** A pause of the whole process: between any check and any act. */
    void freeze(long duration) {
        frozenUntil = Math.max(frozenUntil, sim.time.now + duration);
        sim.time.after(duration, this::thaw);
    }

    /** A crash or a pause exactly between two steps. @return whether the process is dead */
    boolean endsAt(Boundary boundary) {
        if (!sim.time.chance(sim.atBoundaries)) {
            return false;
        }
        sim.coverage.hit(boundary.counted());
        if (sim.time.chance(0.5)) {
            sim.coverage.hit(Faults.OPERATOR_DIES_BETWEEN_STEPS);
            sim.trace(() -> "operator " + index + " dies " + boundary);
            die(sim.time.between(500, 8_000));
            return true;
        }
        sim.coverage.hit(Faults.OPERATOR_PAUSES_BETWEEN_STEPS);
        sim.trace(() -> "operator " + index + " pauses " + boundary);
        long most = sim.time.chance(0.2) ? 150_000 : 25_000;
        freeze(Math.min(sim.time.between(500, most), Math.max(25_000, Simulation.PEACE - sim.time.now)));
        return false;
    }

    void thaw() {
        if (alive && sim.network.off[node]) {
            die(1_000);
        } else if (runs()) {
            List<Runnable> due = List.copyOf(held);
            held.clear();
            // Whichever thread comes first: a pass may go on before a look, and that before the question who holds the
            // Lease.
            due.forEach(event -> sim.time.after(sim.time.chance(0.3) ? 0 : sim.time.between(0, 500), event));
        } else if (alive && sim.network.frozen[node]) {
            sim.network.onThaw(node, () -> sim.time.after(0, this::thaw));
        }
    }

    boolean runs() {
        return alive && sim.time.now >= frozenUntil && sim.network.runs(node);
    }

    boolean leads() {
        return leads;
    }

    Duration clock() {
        return Duration.ofMillis(millis());
    }

    /** The process's monotonic clock, which is its node's. */
    long millis() {
        return sim.network.clock(node, sim.time.now);
    }

    void stepWallClock(long by) {
        wallStep += by;
    }

    /** Something that this process does later, if it then lives; when its time stands still, as soon as that goes on. */
    void after(long delay, Runnable event) {
        after(life, delay, event);
    }

    /** The same, for a process that began something in that life. */
    void after(int mine, long delay, Runnable event) {
        sim.time.after(delay, () -> run(mine, event));
    }

    int life() {
        return life;
    }

    private void run(int mine, Runnable event) {
        if (mine != life || !alive) {
            return;
        }
        if (sim.network.off[node]) {
            die(1_000);
            return;
        }
        if (sim.time.now < frozenUntil || sim.network.frozen[node]) {
            if (held.isEmpty() && sim.network.frozen[node]) {
                sim.network.onThaw(node, () -> sim.time.after(0, this::thaw));
            }
            held.add(() -> run(mine, event));
            return;
        }
        event.run();
    }

    /** What is on its way already arrives whether this process lives or not. */
    void mayDie(long delay, Runnable event) {
        sim.time.after(delay, event);
    }

    // --- leadership --------------------------------------------------------------------------------------------------

    private void elect(int mine) {
        if (mine != life) {
            return;
        }
        long begun = sim.time.now;
        if (sim.api.reachedFrom(node)) {
            if (leads && sim.api.leaseHolder != index) {
                lose();
                return;
            }
            boolean expired = begun - sim.api.leaseRenewed > LEASE;
            if (sim.api.leaseHolder == index && !leads && !expired && sim.api.leaseRenewed > begun - LEASE) {
                sim.api.leaseRenewed = begun; // its former self's
                lead(begun);
            } else if (sim.api.leaseHolder == index || expired) {
                sim.api.leaseHolder = index;
                sim.api.leaseRenewed = begun;
                renewedAt = begun;
                if (!leads) {
                    lead(begun);
                }
                confirmedAt = mine(begun);
            }
        } else if (leads && begun - renewedAt > RENEW) {
            lose();
            return;
        }
        after(1_000, () -> elect(mine));
    }

    private long mine(long begun) {
        return sim.network.clock(node, begun);
    }

    private void lead(long begun) {
        leads = true;
        leaderSince = mine(begun);
        renewedAt = begun;
        confirmedAt = mine(begun);
        ApiServer.Snapshot listed = sim.api.snapshot();
        cache = listed;
        ended.addAll(listed.ended());
        sim.coverage.hit("operator: leads");
        if (sim.operators.stream().anyMatch(other -> other != this && other.leads())) {
            sim.coverage.hit(Faults.TWO_LEADERS);
        }
        sim.trace(() -> "operator " + index + " leads");
        watch();
        wake();
    }

    /** As production does: the process ends, and a new one takes part in the next election. */
    private void lose() {
        sim.coverage.hit("operator: lost the lease");
        die(sim.time.between(500, 2_000));
    }

    /** Grants: "no API server, no grants"; and only what was heard before the leadership was last confirmed. */
    boolean permit(String member, long received) {
        if (!leads || !member.equals(granted) || confirmedAt <= received) {
            return false;
        }
        lastGrants.merge(member, received, Math::max);
        return true;
    }

    // --- informers ---------------------------------------------------------------------------------------------------

    void told(ApiServer.Snapshot snapshot) {
        if (!alive || !leads) {
            return;
        }
        after(sim.time.between(1, 60), () -> hear(snapshot));
    }

    private void hear(ApiServer.Snapshot snapshot) {
        if (sim.time.now < deafUntil || !sim.api.reachedFrom(node)) {
            after(Math.max(500, deafUntil - sim.time.now), () -> hear(snapshot));
            return;
        }
        ended.addAll(snapshot.ended());
        if (cache == null || snapshot.version() > cache.version()) {
            cache = snapshot;
            wake();
        }
    }

    @Nullable
    Instance instance(String member) {
        Instance known = addresses.get(member);
        return known == null ? null : sim.misled(known);
    }

    private void watch() {
        ApiServer.Snapshot seen = java.util.Objects.requireNonNull(cache);
        seen.pods().forEach((member, pod) -> {
            if (pod.view().ip() != null) {
                Instance before = addresses.put(member, pod.instance());
                Watch watch = watches.get(member);
                if (watch != null && before != pod.instance()) {
                    watch.moved();
                }
            }
        });
        addresses.keySet().retainAll(seen.sets().keySet());
        watches.keySet().retainAll(addresses.keySet());
        addresses.keySet().forEach(member -> {
            if (!watches.containsKey(member)) {
                watches.put(member, new Watch(sim, this, member));
            }
        });
    }

    long seenEpoch(long epoch) {
        return sim.mutation == Mutation.LEASE_ALONE ? Math.max(epoch, grantEpoch) : epoch;
    }

    // --- passes ------------------------------------------------------------------------------------------------------

    void wake() {
        if (!leads) {
            return;
        }
        if (busy) {
            again = true;
            return;
        }
        busy = true;
        again = false;
        rounds = 0;
        before = List.of();
        after(sim.time.between(1, 8), this::pass);
    }

    private void rest(long recheck) {
        busy = false;
        int mine = ++timer;
        if (again) {
            again = false;
            after(1, this::wake);
        } else {
            after(recheck, () -> {
                if (mine == timer) {
                    wake();
                }
            });
        }
    }

    private void pass() {
        if (++rounds > 50) {
            sim.coverage.hit("pass: fifty at once");
            rest(500);
            return;
        }
        if (!sim.api.reachedFrom(node)) {
            rest(500);
            return;
        }
        long version = sim.api.resourceVersion;
        PostgresClusterStatus status = sim.api.status;
        Facts facts = RecordedFacts.in(status);
        if (ownEpoch != 0
                && facts.epoch() != ownEpoch
                && sim.api.leaseHolder != index
                && sim.mutation != Mutation.LEASE_ALONE
                && sim.mutation != Mutation.OLD_LOOKS) {
            sim.coverage.hit("pass: another led");
            lose();
            return;
        }
        permitOnly(facts);
        watch();
        ClusterView view = view(status, facts);
        Now now = new Now(Simulation.BEGINNING.plusMillis(sim.time.now + wallStep), clock());
        Decision decision = DECIDER.decide(sim.mutated(view, now), now);
        sim.coverage.hit("rule: " + decision.rule());
        sim.passes.accept(() -> Trace.of("operator-" + index + "-" + life, view, decision, now));
        sim.trace(() -> "pass of " + index + ": " + decision.status().reason() + " " + decision.recheckAfter());
        if (endsAt(
                decision.facts().equals(facts)
                        ? Boundary.AFTER_A_DECISION_TO_ACT
                        : Boundary.AFTER_A_DECISION_TO_WRITE)) {
            return;
        }
        if (!decision.facts().equals(facts)) {
            permitOnly(decision.facts());
            if (sim.mutation == Mutation.ACT_BEFORE_WRITTEN) {
                ownEpoch = decision.facts().epoch();
                List<Action> early = DECIDER.decide(view(decision.status(), decision.facts()), now)
                        .actions();
                hands.run(early, (done, superseded) -> write(version, facts, decision));
                return;
            }
            after(sim.time.between(2, 20), () -> write(version, facts, decision));
            return;
        }
        sim.api.applyFrom(this, facts, decision);
        hands.run(decision.actions(), (done, superseded) -> {
            note(decision);
            boolean news = done && !decision.actions().equals(before);
            before = decision.actions();
            if (news) {
                watches.values().forEach(watch -> {
                    if (watch.probe instanceof Probe.Answered) {
                        watch.nudge();
                    }
                });
                after(sim.time.between(3, 30), this::pass);
            } else {
                long recheck = decision.recheckAfter().toMillis();
                rest(decision.actions().isEmpty() ? recheck : Math.min(recheck, 1_000));
            }
        });
    }

    private void write(long version, Facts facts, Decision decision) {
        if (!sim.api.reachedFrom(node) || sim.time.chance(0.002)) {
            if (sim.api.up && sim.network.reaches(node, sim.network.control)) {
                // It arrives, and nobody hears of it.
                sim.coverage.hit(Faults.ANSWER_LOST);
                sim.api.write(version, decision.status());
            }
            rest(500);
            return;
        }
        boolean written;
        if (sim.mutation == Mutation.LEASE_ALONE) {
            written = sim.api.write(sim.api.resourceVersion, decision.status());
        } else {
            written = sim.api.write(version, decision.status());
        }
        if (written) {
            if (decision.facts().epoch() > facts.epoch()) {
                ownEpoch = decision.facts().epoch();
            }
            note(decision);
        }
        if (!endsAt(Boundary.AFTER_IT_WROTE_THE_STATUS)) {
            after(sim.time.between(1, 10), this::pass);
        }
    }

    private void note(Decision decision) {
        for (Event event : decision.events()) {
            sim.coverage.hit("event: " + event.reason());
            sim.trace(() -> "event " + event.reason() + ": " + event.message());
        }
    }

    /** What {@code Passes.watch} tells the monitor. */
    private void permitOnly(Facts facts) {
        Intent intent = facts.intent();
        boolean own = ownEpoch != 0 && (ownEpoch == facts.epoch() || sim.mutation == Mutation.LEASE_ALONE);
        granted = own ? intent == null ? facts.primary() : intent.to() : null;
        grantEpoch = facts.epoch();
        hurried = intent != null;
    }

    void applied(String member) {
        appliedTo = member;
    }

    private ClusterView view(PostgresClusterStatus status, Facts facts) {
        ApiServer.Snapshot seen = java.util.Objects.requireNonNull(cache);
        Set<String> names = new TreeSet<>(facts.members());
        names.addAll(seen.sets().keySet());
        names.addAll(seen.pods().keySet());
        List<MemberView> members = new ArrayList<>();
        for (String name : names) {
            members.add(member(name, seen));
        }
        List<ClaimView> orphans = new ArrayList<>();
        seen.claims().forEach((member, claim) -> {
            if (!facts.members().contains(member)) {
                orphans.add(claim);
            }
        });
        ApiServer api = sim.api;
        PostgresClusterSpec spec = sim.spec();
        return new ClusterView(
                sim.names,
                "uid",
                Simulation.BEGINNING,
                api.generation,
                spec,
                status,
                facts,
                sim.mutation == Mutation.LEASE_ALONE && ownEpoch != 0 ? facts.epoch() : ownEpoch,
                Duration.ofMillis(leaderSince),
                seen.routed().isEmpty() ? null : seen.routed(),
                members,
                orphans,
                new ClusterView.DesiredConfiguration(api.config, "cert"),
                new ClusterView.Application("a", appliedTo.equals(facts.primary()) ? "a" : "", ""),
                ended,
                Map.copyOf(api.requests),
                List.of());
    }

    private MemberView member(String name, ApiServer.Snapshot seen) {
        Watch watch = watches.get(name);
        ApiServer.Snapshot.Seen pod = seen.pods().get(name);
        Long grant = lastGrants.get(name);
        return new MemberView(
                name,
                pod == null ? null : pod.view(),
                seen.claims().get(name),
                seen.sets().get(name),
                watch == null ? Watch.NOT_YET : watch.probe,
                watch == null || !watch.looked() ? null : watch.probedAt,
                watch == null ? null : watch.watchedSince,
                watch == null ? null : watch.lastAnswered,
                watch == null ? null : watch.lastPosition,
                watch == null ? null : watch.since,
                watch == null ? null : watch.sincePosition,
                watch == null ? null : watch.startingSince,
                watch == null ? null : watch.refusedSince,
                null,
                grant == null ? null : Duration.ofMillis(grant));
    }
}
