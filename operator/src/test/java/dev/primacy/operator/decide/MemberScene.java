package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.Growth;
import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.PodView.Container;
import dev.primacy.operator.model.PodView.NodeState;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.StatefulSetView;
import dev.primacy.operator.model.SystemId;
import dev.primacy.operator.model.TimelineHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One member of a {@link Scene}: what is not said is as on a healthy, quiet cluster. */
final class MemberScene {
    enum Role {
        PRIMARY,
        STANDBY,
        STARTING,
        SILENT
    }

    private final Scene scene;

    private @Nullable Duration startingSince;

    final String name;
    Role role = Role.SILENT;
    long epoch;
    int timeline = 1;
    long lsn = 1000;
    String upstream = "";
    boolean streaming;
    Duration heard = Duration.ofMillis(200);
    boolean atEnd = true;
    boolean looked = true;
    boolean address = true;
    boolean refused;
    boolean solo;
    List<String> promotable = List.of();
    String synchronous = "";
    List<Probe.Follower> followers = new ArrayList<>();
    List<Probe.Slot> slots = new ArrayList<>();
    List<Probe.Copy> copies = new ArrayList<>();
    List<TimelineHistory.Fork> forks = new ArrayList<>();

    @Nullable
    String writeFailure;

    String roles = "";

    String configLoaded = Scene.CONFIG;
    List<String> pending = List.of();
    List<String> lowered = List.of();
    SystemId systemId = Scene.SYSTEM_ID;

    boolean pod = true;
    boolean claim = true;
    boolean claimAnnotated = true;
    long claimEpoch;

    @Nullable
    Growth growth;

    ClaimView.@Nullable Unbound unbound;

    String claimUid;
    String podUid;
    String node;
    NodeState nodeState = NodeState.READY;
    Container container;
    String containerName;
    boolean deleting;
    Instant podCreated = Scene.CREATED;
    String template = "t1";

    @Nullable
    String statefulSet = "t1";

    @Nullable
    String unschedulable;

    String instruction = "";
    String podConfig = Scene.CONFIG;
    String roleLabel = "replica";
    boolean readsLabel = true;
    boolean ready = true;

    @Nullable
    Duration lastAnswered;

    @Nullable
    Duration since = Duration.ofSeconds(10);

    @Nullable
    Duration refusedSince;

    /** Now, if it is not said. */
    @Nullable
    Duration probedAt;

    @Nullable
    Duration watchedSince;

    @Nullable
    Duration lastCopied;

    @Nullable
    Duration lastGrant;

    @Nullable
    Position sincePosition;

    @Nullable
    Position lastPosition;

    MemberScene(Scene scene, String name) {
        this.scene = scene;
        this.name = name;
        this.claimUid = "claim-" + name;
        this.podUid = "pod-" + name;
        this.node = "node-" + name;
        this.containerName = "container-" + name;
        this.container = new Container.Running(Scene.CREATED);
    }

    MemberScene primary() {
        role = Role.PRIMARY;
        upstream = "";
        streaming = false;
        roleLabel = "primary";
        readsLabel = false;
        return this;
    }

    /** In recovery and following nobody, as every start is. */
    MemberScene standby() {
        role = Role.STANDBY;
        upstream = "";
        streaming = false;
        return this;
    }

    MemberScene following(String primary) {
        standby();
        upstream = primary;
        streaming = true;
        return this;
    }

    MemberScene voted(Duration seen) {
        standby();
        epoch = scene.facts.epoch();
        since = seen;
        return this;
    }

    MemberScene starting() {
        role = Role.STARTING;
        return this;
    }

    /** Nobody is let in since then, nor was just before. */
    MemberScene startingSince(Duration seen) {
        startingSince = seen;
        lastAnswered = seen;
        return starting();
    }

    MemberScene silentSince(Duration lastSeen) {
        role = Role.SILENT;
        lastAnswered = lastSeen;
        lastPosition = new Position(timeline, new Lsn(lsn));
        return this;
    }

    /** Its container runs, and nothing listens there. */
    MemberScene refusing(Duration lastSeen) {
        silentSince(lastSeen);
        refused = true;
        refusedSince = lastSeen;
        return this;
    }

    MemberScene at(int newTimeline, long newLsn) {
        timeline = newTimeline;
        lsn = newLsn;
        return this;
    }

    MemberScene forkedFrom(int parent, long end) {
        forks.add(new TimelineHistory.Fork(parent, new Lsn(end)));
        return this;
    }

    MemberScene follower(String member, long flushed) {
        return follower(member, flushed, flushed);
    }

    MemberScene follower(String member, long flushed, long replayed) {
        followers.removeIf(follower -> follower.member().equals(member));
        followers.add(new Probe.Follower(
                member, "streaming", "async", new Lsn(flushed), new Lsn(flushed), new Lsn(replayed)));
        return this;
    }

    MemberScene slot(String member) {
        slots.add(new Probe.Slot(Names.slot(member), true, "reserved", Lsn.ZERO));
        return this;
    }

    /** @param lsn from which on the member's slot keeps the log, in which nobody streams; null: it keeps none */
    MemberScene keepsFor(String member, @Nullable Lsn lsn) {
        slots.replaceAll(slot ->
                slot.name().equals(Names.slot(member)) ? new Probe.Slot(slot.name(), false, "reserved", lsn) : slot);
        return this;
    }

    MemberScene withoutPod() {
        pod = false;
        statefulSet = null;
        role = Role.SILENT;
        return this;
    }

    MemberView view() {
        return looked ? seen() : notLookedAt();
    }

    private MemberView notLookedAt() {
        return new MemberView(
                name,
                pod ? podView() : null,
                claim ? claimView() : null,
                statefulSetView(),
                new Probe.Unreachable("not looked at yet"),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private MemberView seen() {
        return new MemberView(
                name,
                pod ? podView() : null,
                claim ? claimView() : null,
                statefulSetView(),
                probe(),
                probedAt == null ? scene.monotonic : probedAt,
                watchedSince,
                role == Role.SILENT || role == Role.STARTING ? lastAnswered : scene.monotonic,
                role == Role.SILENT || role == Role.STARTING ? lastPosition : new Position(timeline, new Lsn(lsn)),
                since,
                sincePosition,
                role == Role.STARTING ? startingSince : null,
                refused ? refusedSince : null,
                lastCopied,
                lastGrant);
    }

    private @Nullable StatefulSetView statefulSetView() {
        return statefulSet == null ? null : new StatefulSetView("set-" + name, statefulSet);
    }

    ClaimView claimView() {
        return new ClaimView(
                "data-" + name, claimUid, claimAnnotated ? Scene.SYSTEM_ID : null, claimEpoch, growth, unbound);
    }

    private PodView podView() {
        return new PodView(
                podUid,
                address ? "10.0.0.1" : null,
                node,
                nodeState,
                container,
                deleting,
                ready,
                roleLabel,
                readsLabel,
                template,
                podConfig,
                Instruction.parse(instruction).orElse(null),
                unschedulable,
                podCreated);
    }

    private Probe probe() {
        Probe.Identity identity = new Probe.Identity(name, systemId, 170000, containerName);
        Position position = new Position(timeline, new Lsn(lsn));
        TimelineHistory history = new TimelineHistory(timeline, forks);
        Probe.Configuration configuration = new Probe.Configuration(
                configLoaded,
                "cert",
                pending,
                lowered,
                upstream.isEmpty() ? "" : "host=" + scene.names.host(upstream) + " port=5432",
                upstream.isEmpty() ? "" : Names.slot(name),
                synchronous);
        return switch (role) {
            case PRIMARY ->
                new Probe.Primary(
                        identity,
                        position,
                        history,
                        configuration,
                        epoch,
                        writeFailure,
                        roles,
                        solo,
                        promotable,
                        followers,
                        slots,
                        copies);
            case STANDBY ->
                new Probe.Standby(
                        identity,
                        position,
                        history,
                        configuration,
                        epoch,
                        streaming
                                ? new Probe.Receiver("streaming", scene.names.host(upstream), new Lsn(lsn), heard)
                                : null,
                        new Lsn(lsn),
                        atEnd,
                        slots);
            case STARTING -> new Probe.Starting("the database system is starting up");
            case SILENT ->
                new Probe.Unreachable(refused ? "the connection was refused" : "no answer within 1 s", refused);
        };
    }

    static Instant at(Duration monotonic) {
        return Scene.CREATED.plus(monotonic);
    }
}
