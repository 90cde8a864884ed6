package dev.primacy.operator.sim;

import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The monitor's look at one member: a probe a second, which carries the grant; what it saw, and since when. */
final class Watch {
    static final Probe NOT_YET = new Probe.Unreachable("not looked at yet");
    private static final Probe SILENT = new Probe.Unreachable("no answer within 1 s");
    private static final Probe REFUSED = new Probe.Unreachable("connection refused", true);
    private static final Probe STARTING = new Probe.Starting("the database system is starting up");
    private static final Duration HEARD = Duration.ofMillis(200);
    private static final Duration NOT_HEARD = Duration.ofSeconds(4);

    private final Simulation sim;
    private final OperatorProcess operator;
    final String member;

    Probe probe = NOT_YET;
    Duration probedAt = Duration.ZERO;
    Duration since = Duration.ZERO;

    @Nullable
    Duration startingSince;

    @Nullable
    Duration refusedSince;

    @Nullable
    Position sincePosition;

    @Nullable
    Duration lastAnswered;

    @Nullable
    Position lastPosition;

    /** As {@code Look} counts it. */
    @Nullable
    Duration watchedSince;

    private long endedLatest;

    private int seenVersion = -1;
    private @Nullable Instance seenInstance;
    private int sessionRun = -1;
    private @Nullable Instance session;
    /** What the member's clock showed, and when that was heard; as production remembers it, newest last. */
    private final long[] heardFrom = new long[20];

    private final long[] heardAt = new long[20];
    private int heard;
    private long begunLatest;
    private int round;

    Watch(Simulation sim, OperatorProcess operator, String member) {
        this.sim = sim;
        this.operator = operator;
        this.member = member;
        operator.after(sim.time.between(0, 200), () -> look(++round));
    }

    boolean looked() {
        return watchedSince != null;
    }

    /** Looks at once, beside the rhythm. */
    void nudge() {
        look(++round);
    }

    /** Another pod has its name: what was seen ended with the one before, but not what was heard from that. */
    void moved() {
        probe = NOT_YET;
        startingSince = null;
        refusedSince = null;
        nudge();
    }

    private void look(int mine) {
        if (mine != round || operator.watches.get(member) != this) {
            return;
        }
        long begun = operator.millis();
        Instance target = operator.instance(member);
        long took = 0;
        if (target == null || !target.member.equals(member)) { // its certificate names another
            record(REFUSED, begun, null, 0);
        } else {
            took = look(target, begun);
        }
        long period = operator.hurried ? 100 : probe instanceof Probe.Answered ? 1_000 : 300;
        operator.after(Math.max(1, period - took) + took, () -> look(mine));
    }

    private long look(Instance target, long begun) {
        boolean connected = session == target && sessionRun == target.run;
        boolean arrives =
                sim.network.reaches(operator.node, target.node) && sim.network.runs(target.node) && !target.isOver();
        if (!arrives || (!connected && (target.hung || target.outOfConnections)) || sim.time.chance(0.002)) {
            operator.after(1_000, () -> record(SILENT, begun, null, 0));
            return 1_000;
        }
        if (target.postgres != Instance.Postgres.UP) {
            boolean starting = target.containerRuns
                    && target.postgres == Instance.Postgres.STARTING
                    && !target.volume.empty(); // initdb
            operator.after(2, () -> record(starting ? STARTING : REFUSED, begun, null, 0));
            return 2;
        }
        if (!connected) {
            heard = 0;
        }
        long grant = grant();
        long epoch = operator.grantEpoch;
        if (sim.time.chance(0.97)) {
            arrive(operator.life(), target, begun, grant, epoch);
            return 1;
        }
        long late = sim.time.between(20, 1_600);
        int life = operator.life();
        operator.mayDie(late, () -> arrive(life, target, begun, grant, epoch));
        if (late > 1_000) {
            operator.after(1_000, () -> record(SILENT, begun, null, 0));
        }
        return Math.min(late, 1_000);
    }

    private long grant() {
        for (int i = heard - 1; i >= Math.max(0, heard - heardAt.length); i--) {
            if (operator.permit(member, heardAt[i % heardAt.length])) {
                return heardFrom[i % heardAt.length];
            }
        }
        return -1;
    }

    /** At the member: its text is seen there, and what it shows is sent back. */
    private void arrive(int life, Instance target, long begun, long grant, long epoch) {
        if (!target.answers()) {
            return;
        }
        if ((session == target && sessionRun == target.run) || grant < 0) {
            target.grantFrom[operator.index] = grant;
            target.grantEpoch[operator.index] = epoch;
        }
        if (!sim.network.reaches(target.node, operator.node)) {
            session = null;
            operator.after(life, 1_000, () -> record(SILENT, begun, null, 0));
            return;
        }
        session = target;
        sessionRun = target.run;
        long uptime = sim.network.clock(target.node, sim.time.now);
        Probe seen = sight(target);
        int version = target.version;
        operator.after(life, 1, () -> {
            heardFrom[heard % heardAt.length] = uptime;
            heardAt[heard++ % heardAt.length] = operator.millis();
            record(seen, begun, target, version);
        });
    }

    private void record(Probe seen, long begun, @Nullable Instance target, int version) {
        if (begun < begunLatest) {
            return; // overtaken by a newer look
        }
        long ended = operator.millis();
        if (watchedSince == null) {
            watchedSince = Duration.ofMillis(begun);
        } else if (ended - endedLatest > 10_000) {
            watchedSince = operator.clock();
        }
        begunLatest = begun;
        endedLatest = ended;
        boolean news = seen.getClass() != probe.getClass();
        probe = seen;
        if (!seen.equals(SILENT)) {
            startingSince = !seen.equals(STARTING) ? null : startingSince == null ? operator.clock() : startingSince;
            refusedSince = !seen.equals(REFUSED) ? null : refusedSince == null ? operator.clock() : refusedSince;
        }
        probedAt = Duration.ofMillis(begun);
        Position position = seen instanceof Probe.Answered answered ? answered.position() : null;
        if (target != null && (target != seenInstance || version != seenVersion)) {
            seenInstance = target;
            seenVersion = version;
            since = operator.clock();
            sincePosition = position;
            news = true;
        }
        if (news) {
            operator.wake();
        }
        if (position != null) {
            lastAnswered = probedAt;
            lastPosition = position;
        }
    }

    private Probe sight(Instance target) {
        Volume volume = target.volume;
        Branch log = volume.log();
        Probe.Identity identity = new Probe.Identity(member, sim.systemId(volume.systemId), 170_000, target.container);
        Probe.Configuration configuration = new Probe.Configuration(
                target.config,
                "cert",
                target.pending() ? List.of("shared_buffers") : List.of(),
                target.lowered() ? List.of("max_connections") : List.of(),
                volume.conninfo.isEmpty() ? "" : sim.conninfo(volume.conninfo),
                volume.slot,
                volume.synchronous.synchronousStandbyNames());
        List<Probe.Slot> slots = new ArrayList<>();
        for (String slot : volume.slots) {
            slots.add(new Probe.Slot(slot, true, "reserved", Lsn.ZERO));
        }
        if (!target.recovery) {
            List<Probe.Follower> followers = new ArrayList<>();
            for (Map.Entry<String, Sender> entry : target.senders.entrySet()) {
                Lsn flushed = new Lsn(entry.getValue().flushed);
                followers.add(new Probe.Follower(entry.getKey(), "streaming", "async", flushed, flushed, flushed));
            }
            target.strayed.forEach((standby, end) -> {
                Lsn said = new Lsn(end);
                followers.add(new Probe.Follower(standby, "startup", "potential", said, said, said));
            });
            return new Probe.Primary(
                    identity,
                    new Position(log.timeline, new Lsn(volume.end)),
                    log.history,
                    configuration,
                    operator.seenEpoch(volume.epoch),
                    volume.full ? "No space left on device" : null,
                    "",
                    volume.solo,
                    volume.promotable,
                    followers,
                    slots,
                    List.of());
        }
        boolean receives = target.upstream != null && !target.receiverHidden();
        long lsn = target.received ? volume.end : volume.replayed;
        return new Probe.Standby(
                identity,
                new Position(log.timeline, new Lsn(lsn)),
                log.history,
                configuration,
                operator.seenEpoch(volume.epoch),
                receives
                        ? new Probe.Receiver(
                                "streaming",
                                sim.names.host(Objects.requireNonNull(target.upstream).member),
                                new Lsn(volume.end),
                                target.silence() < 2_600 ? HEARD : NOT_HEARD)
                        : null,
                new Lsn(volume.replayed),
                sim.mutation == Mutation.VOTE_BEFORE_REPLAY
                        || ((receives || volume.replayed >= volume.end)
                                && !target.promoting()
                                && !target.replayPaused()),
                slots);
    }
}
