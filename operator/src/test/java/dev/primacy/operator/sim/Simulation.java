package dev.primacy.operator.sim;

import dev.primacy.api.v1.DeletionPolicy;
import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.api.v1.Replication;
import dev.primacy.operator.decide.Trace;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView.Container;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.SystemId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One run: a cluster, its surroundings and its misfortunes, all from one seed; an invariant that breaks ends it. */
final class Simulation {
    static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");
    static final long SECONDS = 500;
    static final long PEACE = 350_000;
    private static final long END = SECONDS * 1_000;

    final long seed;
    final Mutation mutation;
    final Timeline time;
    final Network network;
    final Names names = new Names("shop", "orders");
    final Coverage coverage = new Coverage();
    final Invariants invariants;
    final ApiServer api;
    final Kubelet kubelet;
    final List<OperatorProcess> operators = new ArrayList<>();
    final List<Instance> instances = new ArrayList<>();

    /** Commits wait for standbys, or did: invariant 1 is about asynchronous clusters. */
    boolean everSynchronous;
    /** Replication may change on the way. */
    final boolean mixed;

    boolean volumeWasLost;
    /** With that volume, since others lacked what was on it. */
    boolean dataMayBeLost;

    boolean statusWasLost;
    /** An older one was restored in the place of a status; {@link #statusWasLost} is true too. */
    boolean statusIsOlder;
    /** Who is told of every pass, as the operator's log tells of it. */
    Consumer<Supplier<Trace>> passes = pass -> {};
    /** Who is told of every step, in words that are not even made for nobody. */
    @Nullable
    Consumer<String> steps;

    double lateSql = 0.01;
    /** How likely a crash or a pause is at each boundary of two steps. */
    double atBoundaries;

    String reusedAddress = "";
    String reusedBy = "";
    /** The container that {@link #reusedBy} had before: only a pod that is newer can have been given the address. */
    String reusedAfter = "";

    private @Nullable PostgresClusterSpec spec;
    private final Map<String, String> conninfos = new HashMap<>();
    private final Map<Long, SystemId> systemIds = new HashMap<>();
    private @Nullable Instance pinned;

    Simulation(long seed, Mutation mutation) {
        this.seed = seed;
        this.mutation = mutation;
        this.time = new Timeline(seed);
        this.network = new Network(6);
        this.invariants = new Invariants(this);
        this.kubelet = new Kubelet(this);
        int members = new int[] {1, 2, 3, 3, 3, 3, 5}[time.below(7)];
        int kind = time.below(10);
        this.mixed = kind == 9;
        Replication replication =
                new Replication(Replication.Mode.Asynchronous, 1, Replication.Durability.Required, null);
        if (kind >= 5 && kind <= 8 && members > 1) {
            everSynchronous = true;
            replication = new Replication(
                    Replication.Mode.Synchronous,
                    members == 5 ? 1 + time.below(3) : 1,
                    kind == 8 ? Replication.Durability.Preferred : Replication.Durability.Required,
                    null);
        }
        // Synchronous on emptyDir promises too much: see "What remains" in docs/high-availability.md (seed 5350 shows
        // it).
        boolean emptyDir = members > 1 && time.chance(0.1) && !everSynchronous && !mixed;
        this.api = new ApiServer(this, members, emptyDir, replication);
        int first = time.below(network.nodes);
        operators.add(new OperatorProcess(this, 0, first));
        operators.add(new OperatorProcess(this, 1, (first + 1 + time.below(network.nodes - 1)) % network.nodes));
    }

    /** @return what occurred; a broken invariant is thrown */
    Coverage run() {
        operators.forEach(OperatorProcess::start);
        time.after(3_000, this::write);
        Faults faults = new Faults(this, PEACE);
        trace(() -> "seed " + seed + ", " + api.instances + " members, " + api.replication + ", emptyDir "
                + api.emptyDir + ", " + faults.getClass().getSimpleName());
        time.after(PEACE, this::watchPeace);
        while (time.step(END)) {
            invariants.check();
        }
        invariants.settled();
        coverage.hit("run");
        return coverage;
    }

    private void watchPeace() {
        invariants.look();
        time.after(1_000, this::watchPeace);
    }

    /** Clients: through the Service, and some that stay with whom they are connected to. */
    private void write() {
        Instance routed = api.instance(api.routed);
        boolean required = api.replication.mode() == Replication.Mode.Synchronous
                && api.replication.durability() == Replication.Durability.Required;
        if (routed != null && network.runs(routed.node)) {
            routed.commit(required);
            if (pinned == null || time.chance(0.01)) {
                pinned = routed;
            }
        }
        if (pinned != null && pinned != routed) {
            if (pinned.writable() && network.runs(pinned.node)) {
                pinned.commit(required);
            } else if (!network.frozen[pinned.node]) {
                pinned = null;
            }
        }
        time.after(time.between(100, 1_500), this::write);
    }

    /** Whether whatever is acknowledged now waits for standbys, by every set that may be in force. */
    boolean requiredSettled() {
        Facts facts = api.facts();
        return api.replication.durability() == Replication.Durability.Required
                && !facts.synchronous().isEmpty()
                && facts.synchronous().stream().allMatch(set -> set.number() > 0);
    }

    @SuppressWarnings("NullAway") // fields that the API server may leave out are left out here too
    PostgresClusterSpec spec() {
        PostgresClusterSpec made = spec;
        if (made == null) {
            made = spec = new PostgresClusterSpec(
                    api.instances,
                    17,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    api.replication,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    api.paused,
                    DeletionPolicy.Retain);
        }
        return made;
    }

    void specChanged() {
        spec = null;
        operators.forEach(OperatorProcess::wake);
    }

    String conninfo(String member) {
        return conninfos.computeIfAbsent(member, name -> "host=" + names.host(name) + " port=5432");
    }

    SystemId systemId(long id) {
        return systemIds.computeIfAbsent(id, number -> new SystemId(Long.toString(number)));
    }

    /** Whom the member's name leads to, for PostgreSQL and its tools. */
    @Nullable
    Instance resolve(String member) {
        Instance known = api.instance(member);
        return known == null ? null : misled(known);
    }

    /** An address that another pod has by now, and of which those who ask do not know yet. */
    Instance misled(Instance known) {
        Instance other = known.member.equals(reusedAddress) ? api.instance(reusedBy) : null;
        return other == null || other.container.equals(reusedAfter) ? known : other;
    }

    /** The member of a host name; empty for none. */
    String memberOf(String host) {
        return host.isEmpty() ? "" : host.substring(0, host.indexOf('.')).replaceAll("-0$", "");
    }

    void trace(Supplier<String> words) {
        Consumer<String> told = steps;
        if (told != null) {
            told.accept(String.format("%9.3f  %s", time.now / 1000.0, words.get()));
        }
    }

    /** What the decider is shown under a mutation of its rules. */
    ClusterView mutated(ClusterView view, Now now) {
        return switch (mutation) {
            case FENCE_TIMER_BEFORE_VOTES -> votedLongAgo(view);
            case WITNESS_WITHOUT_BOUND ->
                with(
                        view,
                        view.members().stream()
                                .map(member -> member.name().equals(view.facts().primary())
                                                && witnessed(view)
                                                && member.lastAnswered() != null
                                                && member.lastAnswered()
                                                                .compareTo(now.monotonic()
                                                                        .minusSeconds(14))
                                                        < 0
                                        ? with(member, now.monotonic().minusSeconds(14), member.since())
                                        : member)
                                .toList(),
                        view.endedContainers());
            case POD_GONE_IS_PROOF -> podGone(view);
            case OLD_LOOKS ->
                with(
                        view,
                        view.members().stream()
                                .map(member -> lookedAt(now.monotonic(), member))
                                .toList(),
                        view.endedContainers());
            default -> view;
        };
    }

    /** Only in an election: for how long a member has been as it is matters elsewhere, too. */
    private static ClusterView votedLongAgo(ClusterView view) {
        Intent intent = view.facts().intent();
        return intent == null || intent.to() != null
                ? view
                : with(
                        view,
                        view.members().stream()
                                .map(member -> member.standby() == null
                                        ? member
                                        : with(member, member.lastAnswered(), Duration.ZERO))
                                .toList(),
                        view.endedContainers());
    }

    private static boolean witnessed(ClusterView view) {
        return view.members().stream()
                .anyMatch(member -> member.probe() instanceof Probe.Standby standby && standby.receiver() != null);
    }

    private static ClusterView podGone(ClusterView view) {
        String container = view.facts().primary() == null
                ? null
                : view.facts().containers().get(view.facts().primary());
        boolean there = view.primary()
                .map(MemberView::pod)
                .map(pod -> pod.container() instanceof Container.Running)
                .orElse(false);
        if (container == null || there) {
            return view;
        }
        Set<String> ended = new HashSet<>(view.endedContainers());
        ended.add(container);
        return with(view, view.members(), ended);
    }

    private static MemberView with(MemberView member, @Nullable Duration answered, @Nullable Duration since) {
        return with(member, member.probedAt(), member.watchedSince(), answered, since);
    }

    private static MemberView lookedAt(Duration now, MemberView member) {
        return member.probedAt() == null ? member : with(member, now, null, member.lastAnswered(), member.since());
    }

    private static MemberView with(
            MemberView member,
            @Nullable Duration probedAt,
            @Nullable Duration watchedSince,
            @Nullable Duration answered,
            @Nullable Duration since) {
        return new MemberView(
                member.name(),
                member.pod(),
                member.claim(),
                member.statefulSet(),
                member.probe(),
                probedAt,
                watchedSince,
                answered,
                member.lastPosition(),
                since,
                member.sincePosition(),
                member.startingSince(),
                member.refusedSince(),
                member.lastCopied(),
                member.lastGrant());
    }

    private static ClusterView with(ClusterView view, List<MemberView> members, Set<String> ended) {
        return new ClusterView(
                view.names(),
                view.uid(),
                view.created(),
                view.generation(),
                view.spec(),
                view.status(),
                view.facts(),
                view.ownEpoch(),
                view.leaderSince(),
                view.routed(),
                members,
                view.orphanClaims(),
                view.config(),
                view.application(),
                ended,
                view.requests(),
                view.problems());
    }
}
