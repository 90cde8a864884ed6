package dev.primacy.operator.sim;

import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Names;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A pod as it really runs on its node, whatever Kubernetes believes: PostgreSQL, and instance.sh as PID 1 – its start table, its
 * fence loop, its second channel.
 */
final class Instance {
    static final long TTL = dev.primacy.operator.model.Leave.GRANT_TTL.toMillis();
    static final long WAL_TIMEOUT = dev.primacy.operator.model.Leave.WAL_TIMEOUT.toMillis();

    /** Query time and kill time of the script: what rule 3 gives it, but for its wake-up. */
    static final long FENCED_WITHIN = 3_400;

    /** As much log as a segment holds: from the beginning of one a walreceiver asks. */
    private static final long SEGMENT = 512;

    enum Postgres {
        DOWN,
        /** The script waits for a source, or copies: nothing listens. */
        COPYING,
        STARTING,
        UP
    }

    /** What the conninfo of a member that was told no source names: whomever {@code -rw} leads to. */
    private static final String SERVICE = "rw";

    final Simulation sim;
    final String member;
    final int ordinal;
    final String podUid;
    final int node;
    final Volume volume;
    final boolean initdbLeave;
    final long knownSystemId;
    final String template;

    String container = "";
    boolean containerRuns;
    /** No process of this pod will ever run again. */
    boolean gone;

    Postgres postgres = Postgres.DOWN;
    boolean recovery;
    boolean hung;
    boolean outOfConnections;
    /** It has replayed its log and lets nobody in. */
    private boolean lockedOut;

    long replayStalledUntil;
    /** By pg_wal_replay_pause(): nothing is replayed, nor whom it follows looked at, until it is resumed. */
    private boolean replayPaused;
    /** The script does nothing until then, while PostgreSQL goes on. */
    long scriptStoppedUntil;
    /** Grows with every start of postgres: what was connected to an earlier one is not any more. */
    int run;
    /** The run in which a promotion was begun last. */
    private int promotingIn = -1;
    /** Grows with everything that an observer would call another state. */
    int version;

    long writableSince = -1;

    @Nullable
    Instance upstream;

    private int upstreamRun;
    private long lastMessage;
    boolean received;
    final TreeMap<String, Sender> senders = new TreeMap<>();
    /** What the script remembers of its peers: when their last word was known to have been another; and when it last asked. */
    private final TreeMap<String, Long> heard = new TreeMap<>();

    private long asked;
    /** What its walsenders still show of standbys that went on where its own history did not: the end of those logs. */
    final TreeMap<String, Long> strayed = new TreeMap<>();

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    /** When it last needed no leave: in recovery, solo, or alone in P. */
    private long spared = -1;

    private long grant = -1;
    /** The text of each operator's probe session: the grant that it carries, else -1. */
    final long[] grantFrom = {-1, -1};

    final long[] grantEpoch = {0, 0};
    /** The session that holds the member (rule 1); every other is ended. */
    int session;

    String instruction = "";
    String ask = "";
    long askEpoch;
    String askSource = "";
    private int crashes;
    String config = "c0-100";
    String projectedConfig = "c0-100";
    /** The max_connections in force. */
    private int connections = 100;

    /** Its kubelet projects ConfigMaps and annotations no sooner. */
    private long projectsFrom;

    boolean pendingRestart;
    private int ticks;

    /** A commit that waits for standbys. */
    private record Waiting(Branch branch, long lsn, boolean required) {}

    Instance(Simulation sim, String member, String podUid, int node, Volume volume, boolean initdb, String template) {
        this.sim = sim;
        this.member = member;
        this.ordinal = sim.names.ordinal(member);
        this.podUid = podUid;
        this.node = node;
        this.volume = volume;
        this.initdbLeave = initdb;
        this.knownSystemId = initdb ? 0 : sim.api.systemId();
        this.template = template;
    }

    /** Its pod is gone, and nothing of it runs any more. */
    boolean isOver() {
        return gone && !containerRuns;
    }

    boolean runs() {
        return containerRuns && sim.network.runs(node);
    }

    boolean writable() {
        return postgres == Postgres.UP && !recovery;
    }

    boolean answers() {
        return postgres == Postgres.UP && sim.network.runs(node);
    }

    void changed() {
        version++;
    }

    /** What a volume of the pod is to show: the kubelet brings it there, in its own time. */
    void project(long delay, Runnable change) {
        sim.time.after(Math.max(delay, projectsFrom - sim.time.now), () -> {
            if (sim.time.now < projectsFrom || !sim.kubelet.works(node)) {
                project(700, change);
            } else {
                change.run();
            }
        });
    }

    void staleProjections(long duration) {
        projectsFrom = sim.time.now + duration;
    }

    // --- container and script ----------------------------------------------------------------------------------------

    void startContainer() {
        if (containerRuns || gone) {
            return;
        }
        container = "container-" + sim.api.next();
        containerRuns = true;
        hung = false;
        crashes = 0;
        grant = -1;
        spared = -1;
        asked = 0;
        heard.clear();
        scriptStoppedUntil = -1;
        sim.kubelet.report(this);
        int mine = ++ticks;
        sim.time.after(sim.time.between(0, 300), () -> awaitVolume(mine));
    }

    /** Rule 3: the lock on the volume, inherited by postgres. */
    private void awaitVolume(int mine) {
        if (mine != ticks || !containerRuns) {
            return;
        }
        if (volume.lost || (volume.holder != null && volume.holder != this)) {
            sim.time.after(500, () -> awaitVolume(mine));
            return;
        }
        volume.holder = this;
        sim.time.after(0, () -> tick(mine));
        prepare();
    }

    /** The postmaster, or the script, ends exactly between two steps. @return whether it did */
    boolean endsAt(Boundary boundary) {
        if (!sim.time.chance(sim.atBoundaries * boundary.weight())) {
            return false;
        }
        sim.coverage.hit(boundary.counted());
        sim.trace(() -> member + " dies " + boundary);
        if (postgres == Postgres.UP && sim.time.chance(0.5)) {
            sim.coverage.hit(Faults.MEMBER_DIES_BETWEEN_STEPS);
            crash();
        } else {
            sim.coverage.hit(Faults.SCRIPT_DIES_BETWEEN_STEPS);
            endContainer();
        }
        return true;
    }

    /** Every process of the container is dead. */
    void endContainer() {
        if (!containerRuns) {
            return;
        }
        stopPostgres();
        containerRuns = false;
        ticks++;
        if (volume.holder == this) {
            volume.holder = null;
        }
        sim.kubelet.ended(this, container);
    }

    /** The loop of the script, every second and when a leave runs out. */
    private void tick(int mine) {
        if (mine != ticks || !containerRuns || sim.network.off[node]) {
            return;
        }
        if (sim.network.frozen[node]) {
            sim.network.onThaw(node, () -> sim.time.after(sim.time.between(0, 50), () -> tick(mine)));
            return;
        }
        boolean script = sim.time.now >= scriptStoppedUntil;
        if (script) {
            readInstruction();
        }
        replicate();
        if (received && volume.replayed < volume.end && replays()) {
            volume.replayed = volume.end;
            changed();
        }
        long next = clock() + 1_000;
        if (lockedOut && script) {
            spared = clock(); // while there is standby.signal
        }
        if (postgres == Postgres.UP && script) {
            long leave = leave();
            if (clock() >= leave) {
                fence();
            } else {
                next = Math.min(next, leave);
            }
            if (!ask.isEmpty() && postgres == Postgres.UP) {
                restart(false);
            }
        }
        sim.time.after(sim.network.real(node, next - clock()), () -> tick(mine));
    }

    private long clock() {
        return sim.network.clock(node, sim.time.now);
    }

    /** may_write of the script: until when, on the node's boot clock. */
    private long leave() {
        if (recovery || volume.solo || spared < 0) {
            spared = clock();
        }
        if (recovery || volume.solo) {
            return Long.MAX_VALUE;
        }
        int m = 0;
        for (String peer : volume.promotable) {
            if (!peer.equals(member)) {
                m++;
            }
        }
        if (!volume.promotable.isEmpty() && m == 0) {
            spared = clock();
            return Long.MAX_VALUE;
        }
        long leave = spared + TTL / 2 + 1_000;
        if (!hung) {
            for (int operator = 0; operator < 2; operator++) {
                if (grantEpoch[operator] >= volume.epoch && grantFrom[operator] <= clock()) {
                    grant = Math.max(grant, grantFrom[operator]);
                }
            }
            heard.keySet().retainAll(senders.keySet());
            senders.forEach((peer, sender) -> {
                if (sender.seenReply >= 0 && sender.lastReply > sender.seenReply) {
                    heard.put(peer, asked);
                }
                sender.seenReply = sender.lastReply;
            });
            asked = clock();
        }
        // What was heard before holds while nothing answers.
        int need = (m + 1) / 2;
        long[] until = heard.entrySet().stream()
                .filter(peer -> volume.promotable.contains(peer.getKey()))
                .mapToLong(peer -> peer.getValue() + WAL_TIMEOUT)
                .sorted()
                .toArray();
        if (m > 0 && until.length >= need && sim.mutation != Mutation.FENCE_WITHOUT_PEERS) {
            leave = Math.max(leave, until[until.length - need]);
        }
        return Math.max(leave, grant >= 0 ? grant + TTL : leave);
    }

    private void fence() {
        sim.coverage.hit("script: fence");
        sim.trace(() ->
                member + " is fenced: P " + volume.promotable + ", grant " + grant + ", streaming " + senders.keySet());
        sim.invariants.fencing(this);
        int was = run;
        if (endsAt(Boundary.WHEN_ABOUT_TO_FENCE)) {
            return;
        }
        long slower = sim.mutation == Mutation.SLOW_FENCE ? FENCED_WITHIN : 0;
        sim.time.after(slower + sim.time.between(0, FENCED_WITHIN), () -> {
            if (run == was && containerRuns) {
                stopPostgres();
                prepare();
            }
        });
    }

    private void readInstruction() {
        if (instruction.isEmpty() || volume.obeyed.equals(instruction)) {
            return;
        }
        String[] words = instruction.split(" ");
        if (Long.parseLong(words[1]) < volume.epoch) {
            return;
        }
        boolean postmaster = postgres == Postgres.STARTING || postgres == Postgres.UP;
        if (words[2].equals("promote") && !(postmaster && volume.standbySignal)) {
            return;
        }
        volume.obeyed = instruction;
        sim.coverage.hit("script: obeys " + words[2]);
        if (words[2].equals("promote")) {
            promoteUnseen(Long.parseLong(words[1]), Integer.parseInt(words[3]));
            return;
        }
        ask = words[2];
        askEpoch = Long.parseLong(words[1]);
        askSource = words.length > 3 ? words[3] : "";
        if (endsAt(Boundary.WHEN_AN_INSTRUCTION_IS_TAKEN_UP)) {
            return;
        }
        if (lockedOut) {
            stopPostgres();
        }
        if (postgres == Postgres.DOWN) {
            prepare();
        }
    }

    /** The script's own promotion: its epoch, its reservations, pg_ctl promote. */
    private void promoteUnseen(long epoch, int reserveTo) {
        volume.epoch = epoch;
        changed();
        if (endsAt(Boundary.WHEN_THE_EPOCH_OF_AN_ORDER_IS_KEPT)) {
            return;
        }
        volume.reservedTo = Math.max(volume.reservedTo, reserveTo);
        int mine = run;
        sim.time.after(sim.time.between(20, 150), () -> {
            if (run == mine && volume.epoch == epoch) {
                grant = clock();
                orderPromotion(epoch);
            }
        });
    }

    /** A planned stop, and a start by the table; bounded by the leave. {@code lower}: rule 9b. */
    void restart(boolean lower) {
        int was = run;
        long takes = sim.time.chance(0.05) ? sim.time.between(2_000, 8_000) : sim.time.between(30, 600);
        ask = ask.isEmpty() ? "fast" : ask;
        long bounded = Math.min(takes, sim.network.real(node, Math.max(0, leave() - clock())));
        sim.time.after(Math.max(bounded, scriptStoppedUntil - sim.time.now), () -> {
            if (run != was || !containerRuns) {
                return;
            }
            boolean clean = !recovery && takes < 2_000;
            if (clean) {
                // A fast shutdown ends once the standbys have all of the log.
                volume.end += 1;
                for (Sender sender : List.copyOf(senders.values())) {
                    sender.standby.replicate();
                }
            }
            stopPostgres();
            if (lower && clean) {
                sim.coverage.hit("script: lowers what standbys must not have less of");
                volume.connections = wanted();
            }
            if (!endsAt(Boundary.WHEN_STOPPED)) {
                prepare();
            }
        });
    }

    /** The max_connections that its configuration asks for: the number after the hyphen. */
    private int wanted() {
        return Integer.parseInt(config.substring(config.indexOf('-') + 1));
    }

    /** What is in force is greater than what is asked for, and stays so until it is lowered (rule 9b). */
    boolean lowered() {
        return wanted() < connections;
    }

    boolean pending() {
        return pendingRestart || wanted() > connections;
    }

    /** Of the script itself: what it waits for ends with its container. */
    private void afterwards(long delay, Runnable step) {
        int mine = ticks;
        sim.time.after(delay, () -> {
            if (ticks == mine) {
                step.run();
            }
        });
    }

    /** The start table; first match wins. */
    void prepare() {
        if (sim.time.now < scriptStoppedUntil) {
            int was = run;
            afterwards(scriptStoppedUntil - sim.time.now, () -> {
                if (run == was) {
                    prepare();
                }
            });
            return;
        }
        String asked = ask;
        ask = "";
        if (!containerRuns || postgres != Postgres.DOWN) {
            return;
        }
        if ((asked.equals("clone") || asked.equals("rewind")) && askEpoch < volume.epoch) {
            // Who has voted or been promoted under a newer epoch since it was read must not be wiped for it.
            sim.coverage.hit("start: an instruction that a newer epoch overtook");
            asked = "";
        }
        if (endsAt(Boundary.BEFORE_IT_STARTS_POSTGRESQL)) {
            return;
        }
        postgres = Postgres.STARTING;
        hung = false;
        run++;
        int mine = run;
        if (volume.unfinished) {
            copy(mine, askSource.isEmpty() ? "" : askSource, false);
        } else if (volume.empty() && mayInitdb()) {
            sim.coverage.hit("start: initdb");
            sim.time.after(sim.time.between(600, 2_000), () -> {
                if (run == mine) {
                    volume.systemId = sim.invariants.initdb(this);
                    volume.branch = new Branch(1, null, 0);
                    volume.end = 100;
                    volume.replayed = 100;
                    volume.solo = sim.api.instances == 1 && sim.api.solo;
                    volume.standbySignal = !volume.solo;
                    start(mine);
                }
            });
        } else if (volume.empty()) {
            sim.coverage.hit("start: empty, clone");
            copy(mine, "", false);
        } else if (asked.equals("clone")) {
            sim.coverage.hit("start: asked to clone");
            copy(mine, askSource, false);
        } else if (asked.equals("rewind")) {
            sim.coverage.hit("start: asked to rewind");
            copy(mine, askSource, true);
        } else {
            if (volume.solo) {
                sim.coverage.hit("start: solo");
            } else {
                becomeStandby();
            }
            start(mine);
        }
    }

    private boolean mayInitdb() {
        return (initdbLeave && knownSystemId == 0) || (sim.mutation == Mutation.INITDB_ON_EMPTY_VOLUME && ordinal == 1);
    }

    private void becomeStandby() {
        if (!volume.standbySignal) {
            sim.coverage.hit("start: former primary");
            volume.conninfo = "";
            volume.slot = "";
            volume.promotable = List.of();
            volume.standbySignal = true;
            // A former primary recovers from its crash before it is a standby.
            volume.replayed = volume.end;
        } else {
            volume.replayed = Math.max(1, volume.end - (sim.time.chance(0.5) ? 0 : sim.time.between(0, 60)));
        }
    }

    private void start(int mine) {
        if (volume.standbySignal || volume.solo) {
            spared = clock(); // the script looks as soon as it has started it
        }
        long takes = sim.time.chance(0.03) ? sim.time.between(3_000, 15_000) : sim.time.between(60, 500);
        sim.time.after(takes, () -> {
            if (run != mine || !containerRuns) {
                return;
            }
            if (!sim.network.runs(node)) {
                run--; // its time stands still
                sim.network.onThaw(node, () -> {
                    run = mine;
                    start(mine);
                });
                return;
            }
            if (volume.standbySignal && volume.subtransactions) {
                sim.coverage.hit("postgres: recovers and lets nobody in");
                lockedOut = true;
                learn(mine);
                return;
            }
            postgres = Postgres.UP;
            sim.trace(
                    () -> member + " is up in " + container + (volume.standbySignal ? ", in recovery" : ", writable"));
            recovery = volume.standbySignal;
            volume.subtransactions &= recovery;
            received = false;
            replayPaused = false;
            config = projectedConfig;
            pendingRestart = false;
            connections = Math.max(wanted(), volume.connections);
            if (!recovery) {
                volume.connections = connections;
            }
            changed();
            if (!recovery) {
                sim.invariants.writable(this);
            } else {
                replayOn(mine);
                sim.time.after(sim.time.between(10, 300), this::attach);
            }
        });
    }

    private void replayOn(int mine) {
        if (run == mine && recovery && volume.replayed < volume.end) {
            sim.time.after(sim.time.between(50, 1_500), () -> {
                if (run == mine && recovery) {
                    if (replays()) {
                        volume.replayed = Math.min(volume.end, volume.replayed + sim.time.between(5, 60));
                        changed();
                    }
                    replayOn(mine);
                }
            });
        }
    }

    /** Clone or rewind: afterwards the log is the source's, and nothing else of its identity is. It follows whom it was copied from. */
    private void copy(int mine, String from, boolean rewind) {
        postgres = Postgres.COPYING;
        String name = from.isEmpty() ? sim.api.routed : from;
        Instance source = name.isEmpty() ? null : sim.resolve(name);
        if (source == null
                || source == this
                || !source.answers()
                || source.volume.systemId == 0
                || (!volume.empty() && volume.systemId != source.volume.systemId)
                || !source.volume.slots.contains(Names.slot(member))
                || !sim.network.both(node, source.node)) {
            sim.time.after(700, () -> {
                if (run != mine || !containerRuns) {
                    return;
                }
                readInstruction();
                if (!ask.isEmpty() && !volume.unfinished && !volume.empty()) {
                    sim.coverage.hit("start: another instruction ends the wait for a source");
                    postgres = Postgres.DOWN;
                    prepare();
                } else {
                    copy(mine, ask.isEmpty() ? from : askSource, rewind);
                }
            });
            return;
        }
        int sourceRun = source.run;
        volume.unfinished = true;
        if (endsAt(Boundary.WHEN_A_COPY_IS_MARKED)) {
            return;
        }
        sim.time.after(sim.time.between(800, 6_000), () -> {
            if (run != mine || !containerRuns) {
                return;
            }
            if (source.run != sourceRun || !sim.network.both(node, source.node) || !sim.network.runs(node)) {
                volume.branch = null;
                copy(mine, from, false);
                return;
            }
            volume.systemId = source.volume.systemId;
            volume.connections = source.volume.connections;
            volume.branch = source.volume.branch;
            volume.end = source.recovery ? source.volume.replayed : source.volume.end;
            volume.branch = volume.log().at(volume.end);
            volume.replayed = volume.end;
            volume.epoch = Math.max(volume.epoch, source.volume.epoch);
            volume.conninfo = from.isEmpty() ? SERVICE : name;
            volume.slot = Names.slot(member);
            volume.promotable = List.of();
            volume.synchronous = SynchronousSet.NONE;
            volume.slots.clear();
            volume.standbySignal = true;
            volume.solo = false;
            volume.unfinished = false;
            volume.reservedTo = 0;
            // Of transactions that are open there; it learns of their ends from what it streams. While the status is
            // lost every copy is awaited, and a person has to say what such a one is worth.
            volume.subtransactions = !sim.statusWasLost && sim.time.chance(0.05);
            askSource = "";
            postgres = Postgres.STARTING;
            start(mine);
        });
    }

    /**
     * Recovery lets nobody in until it has read that the transactions which hold it up have ended; nobody counts on what it streams
     * meanwhile.
     */
    private void learn(int mine) {
        sim.time.after(sim.time.between(500, 5_000), () -> {
            if (run != mine || !lockedOut || volume.conninfo.isEmpty()) {
                return;
            }
            Instance to = toFollow();
            boolean streams = to != null
                    && to.writable()
                    && to.answers()
                    && sim.network.both(node, to.node)
                    && sim.network.runs(node)
                    && to.volume.slots.contains(volume.slot)
                    && to.volume.systemId == volume.systemId
                    && isPartOf(to.volume.log());
            if (!streams) {
                learn(mine);
                return;
            }
            sim.coverage.hit("postgres: lets in once it streamed what it lacked");
            volume.subtransactions = false;
            lockedOut = false;
            start(mine);
        });
    }

    // --- postgres ----------------------------------------------------------------------------------------------------

    void stopPostgres() {
        if (postgres == Postgres.DOWN) {
            return;
        }
        sim.trace(() -> member + " stops in " + container);
        if (writable()) {
            sim.invariants.stopped(this);
        }
        postgres = Postgres.DOWN;
        run++;
        hung = false;
        lockedOut = false;
        waiting.clear();
        detach();
        for (Sender sender : List.copyOf(senders.values())) {
            if (sim.network.reaches(node, sender.standby.node)) {
                sender.standby.detach();
            }
        }
        senders.clear();
        strayed.clear();
        grantFrom[0] = -1;
        grantFrom[1] = -1;
        session = 0;
        changed();
    }

    /** The postmaster ends by itself: a crash, which the script restarts. */
    void crash() {
        if (postgres != Postgres.UP) {
            return;
        }
        boolean wasPrimary = !recovery;
        stopPostgres();
        if (sim.mutation == Mutation.RESTART_AFTER_CRASH && wasPrimary) {
            int mine = ++run;
            postgres = Postgres.STARTING;
            sim.time.after(55, () -> start(mine));
            return;
        }
        long pause = crashes++ == 0 ? 0 : Math.min(10_000, 100L << Math.min(6, crashes));
        afterwards(pause, this::prepare);
    }

    /**
     * pg_promote(false), or the signal of pg_ctl promote: the startup process begins when it looks; until then a newer epoch takes the
     * order back.
     *
     * @param epoch under which it is ordered
     */
    void orderPromotion(long epoch) {
        int mine = run;
        sim.time.after(sim.time.chance(0.95) ? sim.time.between(1, 20) : sim.time.between(20, 4_000), () -> {
            if (run == mine && (volume.epoch == epoch || sim.mutation == Mutation.LEASE_ALONE)) {
                beginPromotion(epoch);
            }
        });
    }

    /** From here on nobody takes it back, and it may take its time. */
    private void beginPromotion(long epoch) {
        int mine = run;
        promotingIn = mine;
        replayPaused = false; // a promotion ends the pause, and replays what there is
        detach(); // for good: the startup process asks for no more log (PostgreSQL 15 to 18,
        // WaitForWALToBecomeAvailable)
        changed();
        long takes = sim.time.chance(0.9) ? sim.time.between(10, 60) : sim.time.between(60, 60_000);
        sim.time.after(takes, () -> {
            if (run == mine) {
                promote(epoch);
            }
        });
    }

    boolean promoting() {
        return recovery && promotingIn == run;
    }

    private void promote(long epoch) {
        if (lockedOut) {
            lockedOut = false;
            postgres = Postgres.UP;
            recovery = true;
        }
        if (postgres == Postgres.STARTING) {
            // The startup process remembers the order until it looks.
            int mine = run;
            sim.time.after(100, () -> {
                if (run == mine) {
                    promote(epoch);
                }
            });
            return;
        }
        if (postgres != Postgres.UP || !recovery) {
            return;
        }
        if (volume.full) {
            crash();
            return;
        }
        Branch from = volume.log();
        int timeline =
                Math.max(from.timeline, sim.mutation == Mutation.NO_TIMELINE_RESERVATION ? 0 : volume.reservedTo) + 1;
        volume.replayed = volume.end;
        volume.branch = new Branch(timeline, from, volume.end);
        volume.end += 1;
        volume.standbySignal = false;
        volume.subtransactions = false;
        volume.connections = connections;
        recovery = false;
        detach();
        changed();
        sim.coverage.hit("postgres: promoted");
        sim.trace(() -> member + " is promoted to timeline " + timeline);
        sim.invariants.promoted(this, epoch, timeline);
        sim.invariants.writable(this);
        for (Sender sender : List.copyOf(senders.values())) {
            sender.standby.replicate();
        }
        endsAt(Boundary.WHEN_PROMOTED);
    }

    /** A client's commit. */
    void commit(boolean required) {
        if (!writable() || hung) {
            return;
        }
        if (volume.full) {
            sim.coverage.hit("postgres: PANIC on a full disk");
            crash();
            return;
        }
        volume.end += 8;
        Branch branch = volume.log();
        if (volume.synchronous.number() == 0) {
            sim.invariants.acknowledged(this, branch, volume.end, false);
        } else {
            waiting.add(new Waiting(branch, volume.end, required));
            if (waiting.size() > 50) {
                waiting.poll(); // its client gave up
            }
        }
        for (Sender sender : List.copyOf(senders.values())) {
            if (sim.time.chance(0.9)) {
                sender.standby.replicate();
            }
        }
    }

    void acknowledge() {
        acknowledge(Map.of());
    }

    private void acknowledge(Map<String, Long> strays) {
        while (!waiting.isEmpty()) {
            Waiting first = waiting.peek();
            SynchronousSet set = volume.synchronous;
            int flushed = 0;
            for (Map.Entry<String, Sender> entry : senders.entrySet()) {
                if (entry.getValue().flushed >= first.lsn() && set.standbys().contains(entry.getKey())) {
                    flushed++;
                }
            }
            boolean falsely = false;
            for (Map.Entry<String, Long> stray : strays.entrySet()) {
                if (stray.getValue() >= first.lsn() && set.standbys().contains(stray.getKey())) {
                    falsely = ++flushed == set.number();
                }
            }
            if (flushed < set.number()) {
                return;
            }
            if (falsely) {
                sim.invariants.acknowledgedFalsely(this, strays.keySet(), first.lsn(), first.required());
            }
            waiting.poll();
            sim.invariants.acknowledged(this, first.branch(), first.lsn(), first.required() && set.number() > 0);
        }
    }

    // --- streaming ---------------------------------------------------------------------------------------------------

    boolean replays() {
        return !replayPaused && sim.time.now >= replayStalledUntil;
    }

    boolean replayPaused() {
        return replayPaused;
    }

    void pauseReplay() {
        replayPaused = recovery && postgres == Postgres.UP && !promoting();
        changed();
    }

    void resumeReplay() {
        if (!replayPaused) {
            return;
        }
        replayPaused = false;
        changed();
        if (!volume.conninfo.isEmpty() && (upstream == null || !upstream.member.equals(volume.conninfo))) {
            follow();
        }
    }

    /** Once the startup process looks, the walreceiver streams from whom it is told. */
    void follow() {
        changed();
        if (!replayPaused) {
            detach();
            sim.time.after(sim.time.between(10, 200), this::attach);
        }
    }

    /** Whether the history of the other log has the end of this one, by numbers, as PostgreSQL compares. */
    private boolean isPartOf(Branch other) {
        return other.history.contains(new dev.primacy.operator.model.Position(
                volume.log().timeline, new dev.primacy.operator.model.Lsn(volume.end)));
    }

    /** Where primary_conninfo leads now. */
    private @Nullable Instance toFollow() {
        String name = volume.conninfo.equals(SERVICE) ? sim.api.routed : volume.conninfo;
        return name.isEmpty() ? null : sim.resolve(name);
    }

    /** The walreceiver connects, where primary_conninfo leads. */
    void attach() {
        if (postgres != Postgres.UP
                || !recovery
                || upstream != null
                || volume.conninfo.isEmpty()
                || hung
                || replayPaused
                || promoting()) {
            return;
        }
        Instance to = toFollow();
        if (to == null
                || to == this
                || !to.answers()
                || to.hung
                || !sim.network.both(node, to.node)
                || !sim.network.runs(node)) {
            return;
        }
        if (to.senders.containsKey(member)
                || !to.volume.slots.contains(volume.slot)
                || to.volume.systemId != volume.systemId) {
            return;
        }
        // PostgreSQL compares numbers; the truth is in the branches.
        Branch theirs = to.volume.log();
        boolean byNumbers =
                isPartOf(theirs) && (theirs.timeline != volume.log().timeline || volume.end <= to.volume.end);
        if (!byNumbers && sim.mutation != Mutation.FOLLOW_ANY_HISTORY) {
            long asked = volume.end / SEGMENT * SEGMENT;
            boolean sends = theirs.history.forks().stream()
                    .anyMatch(fork ->
                            fork.parent() == volume.log().timeline && fork.end().bytes() >= asked);
            if (sends) {
                strays(to);
            } else {
                sim.coverage.hit("streaming: refused, diverged");
            }
            return;
        }
        sim.invariants.follows(this, to);
        upstream = to;
        upstreamRun = to.run;
        lastMessage = sim.time.now;
        to.senders.put(member, new Sender(this, sim.time.now));
        to.strayed.remove(member);
        received = true;
        changed();
        to.changed();
        sim.coverage.hit(to.recovery ? "streaming: from a standby" : "streaming: from a primary");
        replicate();
    }

    /**
     * Its upstream sends what both have, from the beginning of the segment up to where it left the standby's timeline, and hears for that
     * moment how far the standby has come – on a log that is not its own (PostgreSQL 15 to 18: the walreceiver begins with what was replayed,
     * the walsender counts as streaming as soon as it has nothing left to send). The row stays, with what it said.
     */
    private void strays(Instance to) {
        sim.coverage.hit("streaming: a diverged standby says that it flushed");
        to.strayed.put(member, volume.replayed);
        to.changed();
        if (!to.recovery) {
            to.acknowledge(Map.of(member, volume.replayed));
        }
        sim.time.after(5_000, this::attach);
    }

    void detach() {
        Instance from = upstream;
        if (from == null) {
            return;
        }
        upstream = null;
        changed();
        Sender sender = from.senders.get(member);
        if (sender != null
                && sender.standby == this
                && sender.stoppedUntil < sim.time.now
                && sim.network.both(node, from.node)) {
            from.senders.remove(member);
            from.changed();
        }
        if (!volume.conninfo.isEmpty() && postgres == Postgres.UP) {
            sim.time.after(sim.time.between(100, 400), this::attach);
        }
    }

    /** What reaches the standby of the upstream's log now, and what the upstream hears of it. */
    void replicate() {
        for (Sender sender : List.copyOf(senders.values())) {
            if (sim.time.now - sender.lastReply > WAL_TIMEOUT && sim.time.now > sender.stoppedUntil) {
                senders.remove(sender.standby.member);
                changed();
            }
        }
        if (postgres != Postgres.UP || !recovery || !sim.network.runs(node)) {
            return;
        }
        if (upstream == null) {
            if (!volume.conninfo.isEmpty()) {
                attach();
            }
            return;
        }
        Instance from = upstream;
        Sender sender = senderAt(from);
        if (sender == null) {
            if (sim.network.both(from.node, node) || sim.time.now - lastMessage > WAL_TIMEOUT) {
                detach();
            }
            return;
        }
        boolean sends = sim.network.runs(from.node) && sim.time.now > sender.stoppedUntil;
        if (sends && sim.network.reaches(from.node, node) && !hung) {
            lastMessage = sim.time.now;
            long reaches = from.recovery ? from.volume.replayed : from.volume.end;
            if (!volume.full && reaches > volume.end) {
                volume.end = sim.time.chance(0.05) ? sim.time.between(volume.end, reaches) : reaches;
                volume.branch = from.volume.log().at(volume.end);
                volume.connections = from.volume.connections;
                if (replays()) {
                    volume.replayed = volume.end;
                }
            }
            if (sim.network.reaches(node, from.node)) {
                sender.lastReply = sim.time.now;
                sender.flushed = volume.end;
                from.acknowledge();
            }
        } else if (sim.time.now - lastMessage > WAL_TIMEOUT) {
            detach();
        }
    }

    /** The walsender that serves it, if it still stands. */
    private @Nullable Sender senderAt(Instance from) {
        Sender sender = from.senders.get(member);
        return from.run == upstreamRun && sender != null && sender.standby == this ? sender : null;
    }

    /** Whom it receives from at this moment; null while it only believes to. */
    @Nullable
    Instance streamedFrom() {
        Instance from = upstream;
        return from != null && postgres == Postgres.UP && recovery && senderAt(from) != null ? from : null;
    }

    long silence() {
        return sim.time.now - lastMessage;
    }

    /** The vote's effect on the walreceiver. */
    void stopReceiver() {
        if (sim.mutation == Mutation.VOTE_KEEPS_RECEIVER) {
            return;
        }
        detach();
    }

    boolean receiverHidden() {
        return sim.mutation == Mutation.VOTE_KEEPS_RECEIVER && volume.conninfo.isEmpty();
    }
}
