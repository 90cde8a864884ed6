package dev.primacy.operator.sim;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.RecordedFacts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The nine invariants of the protocol. */
final class Invariants {
    /** A script that was frozen or stopped needs a loop after that. */
    private static final long THAW = 2_500;

    /** And a fence that began with that takes its time. */
    private static final long FENCED_AFTER_THAW = 1_000 + Instance.FENCED_WITHIN;

    private final Simulation sim;
    private final List<Instance> writable = new ArrayList<>();
    private final Set<Integer> timelines = new HashSet<>();
    private final Set<String> intents = new HashSet<>();
    /** Per branch, the greatest LSN that somebody was told is safe. */
    private final Map<Branch, Long> guaranteed = new LinkedHashMap<>();

    private @Nullable Instance reigning;
    private long lastUnrest;
    private long promises;
    private @Nullable Branch seenBranch;
    private long seenEnd;
    private long seenPromises;
    private long systemIds;
    /** The system identifier that was ever written down, whatever became of the status. */
    private long recorded;

    long acknowledged;

    Invariants(Simulation sim) {
        this.sim = sim;
    }

    private Violation violated(int invariant, String what) {
        return new Violation(invariant, what + " at " + sim.time.now + " ms");
    }

    /**
     * After every step. What only an act can break – a timeline promoted twice (3), a promotion without intent (6), a fence that
     * nothing called for (7) – is judged in the step of that act, and the peace of the end (8) at the end.
     */
    void check() {
        oneIsWritable();
        nothingAcknowledgedIsMissing();
        followersArePrefixes();
        epochsGrow();
        oneSystemIdentifier();
    }

    // --- 1: at most one writable member ------------------------------------------------------------------------------

    void writable(Instance instance) {
        writable.removeIf(other -> !other.writable());
        if (!writable.contains(instance)) {
            writable.add(instance);
        }
        instance.writableSince = sim.time.now;
        if (sim.everSynchronous || (sim.statusWasLost && !sim.statusIsOlder)) {
            return;
        }
        List<Instance> now = writable.stream().filter(this::counts).toList();
        if (now.size() > 1) {
            throw violated(1, now.get(0).member + " and " + now.get(1).member + " are writable");
        }
    }

    /** The declared bound: a frozen node does nothing, and has a moment after its thaw. */
    private boolean counts(Instance instance) {
        int node = instance.node;
        return sim.network.runs(node) && sim.time.now - sim.network.thawedAt[node] > FENCED_AFTER_THAW;
    }

    void stopped(Instance instance) {
        writable.remove(instance);
    }

    /** Also between promotions: a member that thawed must have been fenced in time. */
    private void oneIsWritable() {
        if (writable.size() > 1 && !sim.everSynchronous && !(sim.statusWasLost && !sim.statusIsOlder)) {
            List<Instance> now = writable.stream()
                    .filter(Instance::writable)
                    .filter(this::counts)
                    .toList();
            if (now.size() > 1) {
                throw violated(1, now.get(0).member + " and " + now.get(1).member + " are writable");
            }
        }
    }

    // --- 2: acknowledged commits -------------------------------------------------------------------------------------

    void acknowledged(Instance instance, Branch branch, long lsn, boolean waited) {
        acknowledged++;
        boolean required =
                waited && sim.api.replication.mode() == Replication.Mode.Synchronous && sim.requiredSettled();
        if (!required) {
            return;
        }
        guaranteed.merge(branch, lsn, Math::max);
        promises++;
        Instance newest = reigning;
        if (newest != null
                && newest != instance
                && !newest.volume.empty()
                && !newest.volume.log().contains(newest.volume.end, branch, lsn)) {
            throw violated(
                    2,
                    instance.member + " acknowledged a commit after " + newest.member
                            + " had been promoted without it");
        }
    }

    /** Commits wait for those alone whose log is the primary's. */
    void acknowledgedFalsely(Instance instance, Set<String> by, long lsn, boolean waited) {
        if (waited && sim.api.replication.mode() == Replication.Mode.Synchronous && sim.requiredSettled()) {
            throw violated(2, instance.member + " acknowledged " + lsn + " by the word of " + by + ", who strayed");
        }
    }

    /** The last to be promoted keeps what it had then, and what it acknowledged since. */
    private void nothingAcknowledgedIsMissing() {
        Instance newest = reigning;
        if (newest == null || newest.volume.empty() || newest.volume.lost) {
            return;
        }
        Volume volume = newest.volume;
        if (volume.branch == seenBranch && volume.end == seenEnd && promises == seenPromises) {
            return; // nothing that this is about has changed
        }
        seenBranch = volume.branch;
        seenEnd = volume.end;
        seenPromises = promises;
        keepsWhatWasAcknowledged(newest);
    }

    private void keepsWhatWasAcknowledged(Instance primary) {
        Branch log = primary.volume.log();
        guaranteed.forEach((branch, lsn) -> {
            if (!log.contains(primary.volume.end, branch, lsn)) {
                throw violated(
                        2,
                        primary.member + " reigns on timeline " + log.timeline + " without " + lsn + " of timeline "
                                + branch.timeline + ", which was acknowledged");
            }
        });
    }

    /** Replication was asked to be another: what was acknowledged before has the promise of before. */
    void promisesEnd() {
        guaranteed.clear();
        promises++;
    }

    // --- 3 and 6: promotions -----------------------------------------------------------------------------------------

    void promoted(Instance instance, long epoch, int timeline) {
        if (!timelines.add(timeline)) {
            throw violated(3, "timeline " + timeline + " is promoted twice, now by " + instance.member);
        }
        if (!intents.contains(epoch + " " + instance.member)) {
            throw violated(6, instance.member + " is promoted under epoch " + epoch + " without an intent");
        }
        Facts facts = sim.api.facts();
        boolean deposed =
                epoch < facts.epoch() && !instance.member.equals(facts.target().orElse(facts.primary()));
        if (deposed) {
            sim.coverage.hit(
                    "postgres: a deposed target promoted late"); // rule 7: maybe primary, and nobody follows it
            return;
        }
        reigns(instance);
    }

    private void reigns(Instance instance) {
        keepsWhatWasAcknowledged(instance);
        reigning = instance;
    }

    /** Who was promoted under an epoch that is past may be called primary afterwards: where the status was lost, say. */
    private void crowned(String primary) {
        writable.stream()
                .filter(instance -> instance.member.equals(primary) && instance.writable())
                .findAny()
                .ifPresent(this::reigns);
    }

    // --- 4: followers ------------------------------------------------------------------------------------------------

    void follows(Instance standby, Instance upstream) {
        if (!upstream.volume.log().contains(upstream.volume.end, standby.volume.log(), standby.volume.end)) {
            throw violated(4, standby.member + " follows " + upstream.member + ", whose log is another");
        }
    }

    private void followersArePrefixes() {
        for (Instance standby : sim.instances) {
            Instance upstream = standby.streamedFrom();
            if (upstream != null) {
                follows(standby, upstream);
            }
        }
    }

    // --- 5 and 6: what is written ------------------------------------------------------------------------------------

    void written(PostgresClusterStatus before, PostgresClusterStatus after) {
        Facts was = RecordedFacts.in(before);
        Facts is = RecordedFacts.in(after);
        if (is.epoch() < was.epoch()) {
            throw violated(5, "the epoch went from " + was.epoch() + " to " + is.epoch());
        }
        if (is.maxTimeline() < was.maxTimeline()) {
            throw violated(3, "the greatest timeline went from " + was.maxTimeline() + " to " + is.maxTimeline());
        }
        if (is.systemId() != null) {
            recorded = Long.parseLong(is.systemId().value());
        }
        if (was.systemId() != null && !was.systemId().equals(is.systemId())) {
            throw violated(9, "the system identifier changed");
        }
        if (is.primary() != null && !is.primary().equals(was.primary())) {
            crowned(is.primary());
        }
        if (is.intent() != null && is.intent().to() != null) {
            intents.add(is.epoch() + " " + is.intent().to());
        }
    }

    /** Each member's own epoch, too. */
    private void epochsGrow() {
        for (Instance instance : sim.instances) {
            Volume volume = instance.volume;
            if (volume.epoch < volume.seenEpoch) {
                throw violated(
                        5,
                        "the epoch of " + instance.member + " went from " + volume.seenEpoch + " to " + volume.epoch);
            }
            volume.seenEpoch = volume.epoch;
        }
    }

    void acted(long epoch, Instance instance) {
        if (epoch < instance.volume.epoch) {
            throw violated(
                    5,
                    "an operator acts on " + instance.member + " under epoch " + epoch + ", which "
                            + instance.volume.epoch + " superseded");
        }
    }

    // --- 7: the operator's death never fences a primary that has its peers -------------------------------------------

    void fencing(Instance instance) {
        long peers = instance.volume.promotable.stream()
                .filter(peer -> !peer.equals(instance.member))
                .count();
        if (!instance.volume.promotable.isEmpty() && peers == 0) {
            throw violated(7, instance.member + " is alone in P and fenced");
        }
        long streaming = instance.senders.entrySet().stream()
                .filter(entry -> instance.volume.promotable.contains(entry.getKey()))
                .filter(entry -> sim.time.now - entry.getValue().since > 5_000)
                .filter(entry -> sim.time.now - entry.getValue().lastReply < 1_500)
                .count();
        if (!instance.hung
                && peers > 0
                && streaming >= (peers + 1) / 2
                && sim.time.now - sim.network.thawedAt[instance.node] > THAW
                && sim.time.now - instance.scriptStoppedUntil > THAW) {
            throw violated(7, instance.member + " is fenced though " + streaming + " of " + peers + " peers stream");
        }
    }

    // --- 8: the end --------------------------------------------------------------------------------------------------

    /** Faults have stopped long ago. */
    void settled() {
        check();
        Facts facts = sim.api.facts();
        if (sim.dataMayBeLost || facts.systemId() == null) {
            sim.coverage.hit("end: not judged");
            return;
        }
        if (sim.statusWasLost && sim.api.pods.values().stream().anyMatch(Invariants::isBeingReplaced)) {
            // Every copy is awaited, and one was being made, or given up, when the status was lost: what it is worth a
            // person has to say.
            sim.coverage.hit("end: status lost during a clone");
            return;
        }
        Instance routed = sim.api.instance(sim.api.routed);
        if (sim.api.copiesLost > 0 && (routed == null || !routed.writable())) {
            // Pods that went took their copies with them, and those deleted by force the proof that they are dead.
            sim.coverage.hit("end: emptyDir, no copy that may be promoted");
            return;
        }
        if (routed == null || !isAtPeace(routed)) {
            throw violated(
                    8,
                    "routed " + sim.api.routed + ", writable "
                            + sim.instances.stream().filter(Instance::writable).count() + ", " + facts + ": "
                            + sim.api.status.reason());
        }
        boolean all = routed.senders.size() == facts.members().size() - 1;
        sim.coverage.hit(all ? "end: every standby streams" : "end: a standby does not stream yet");
        long seconds = (lastUnrest - Simulation.PEACE) / 1_000;
        sim.coverage.hit(
                seconds <= 0
                        ? "end: there was a primary when the faults stopped"
                        : seconds < 30 ? "end: a primary within 30 s" : "end: a primary later than after 30 s");
    }

    private static boolean isBeingReplaced(ApiServer.Pod pod) {
        Volume volume = pod.instance.volume;
        return volume.unfinished || (pod.instruction.contains("-rebuild-") && !pod.instruction.equals(volume.obeyed));
    }

    private boolean isAtPeace(@Nullable Instance routed) {
        return routed != null
                && routed.writable()
                && sim.instances.stream().filter(Instance::writable).count() == 1
                && sim.api.facts().intent() == null;
    }

    /** Looks, now and then, since when there has been peace. */
    void look() {
        if (!isAtPeace(sim.api.instance(sim.api.routed))) {
            lastUnrest = sim.time.now;
        }
    }

    // --- 9: one cluster ----------------------------------------------------------------------------------------------

    long initdb(Instance instance) {
        if (recorded != 0) {
            throw violated(9, instance.member + " runs initdb in a cluster that has data");
        }
        return 7_000 + ++systemIds;
    }

    private void oneSystemIdentifier() {
        for (Instance instance : sim.instances) {
            Volume volume = instance.volume;
            // On emptyDir a pod that was deleted before anything was recorded took with it what its initdb had made.
            if (recorded != 0 && !instance.isOver() && !volume.empty() && volume.systemId != recorded) {
                throw violated(
                        9, instance.member + " has the data of " + volume.systemId + ", the cluster's is " + recorded);
            }
        }
    }
}
