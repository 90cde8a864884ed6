package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.Instruction.Verb;
import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rule 9: how each member comes to follow the primary – by following, by a rewind, or as a new clone. A copy is given up only
 * while the primary, another healthy one, answers.
 */
final class Rejoin {
    private static final String STUCK = "-stuck-";

    /** In the id of an instruction to clone what cannot be read, or does not come up. */
    static final String BROKEN = "-broken-";

    /** What to do about a member, and what to tell people about it. */
    record Measure(Action action, @Nullable Event event) {}

    static Optional<Measure> of(MemberView member, ClusterView cluster, Probe.Primary primary, Now now) {
        return switch (member.probe()) {
            case Probe.Primary ignored ->
                Optional.of(new Measure(
                        new Action.RestartInPlace(member.name(), false),
                        Event.warning(
                                "FormerPrimary",
                                member.name() + " is a primary of the past; "
                                        + cluster.facts().primary()
                                        + " is the primary. It is restarted as a standby")));
            case Probe.Standby standby -> ofStandby(member, standby, cluster, primary, now);
            case Probe.Starting ignored -> ofStarting(member, cluster, primary, now);
            case Probe.Unreachable silent -> ofSilent(member, silent, cluster, primary, now);
        };
    }

    private static Optional<Measure> ofStandby(
            MemberView member, Probe.Standby standby, ClusterView cluster, Probe.Primary primary, Now now) {
        if (primary.history() == null) {
            return Optional.empty();
        }
        if (diverged(member, standby, cluster, primary, now)) {
            return instruct(
                    member,
                    cluster,
                    Verb.REWIND,
                    idAt(cluster, standby.position()),
                    "its log went on to " + standby.position() + " where the primary's did not");
        }
        boolean slotLost =
                slots(primary, member).anyMatch(slot -> slot.walStatus().equals("lost"));
        if (slotLost || starved(member, standby, cluster, primary, now)) {
            return instruct(
                    member,
                    cluster,
                    Verb.CLONE,
                    idAt(cluster, standby.position()),
                    "the primary does not keep the log any more that it needs, from " + standby.position());
        }
        return follows(member, standby, cluster)
                ? Optional.empty()
                : Optional.of(new Measure(follow(member, cluster), null));
    }

    /**
     * Recovery lets nobody in, and it follows nobody from whom it could learn what it needs for that: who streams is let be until the
     * transactions that hold it up have ended on the primary. Not by a rewind: the recovery before that writes into its log, which may be no
     * longer than the primary's. A copy that ends up the same way is made again.
     */
    private static Optional<Measure> ofStarting(
            MemberView member, ClusterView cluster, Probe.Primary primary, Now now) {
        return member.lockedOutFor(now).compareTo(Timing.STUCK_AFTER) < 0
                        || primary.streamsTo(member.name())
                        || !Incarnation.isRecorded(member, cluster.facts())
                ? Optional.empty()
                : instruct(
                        member,
                        cluster,
                        Verb.CLONE,
                        cluster.facts().epoch()
                                + STUCK
                                + Silence.of(member, cluster, now).dividedBy(Timing.STUCK_AFTER),
                        "its recovery has let nobody in for " + Timing.STUCK_AFTER.toMinutes() + " minutes");
    }

    static boolean follows(MemberView member, Probe.Standby standby, ClusterView cluster) {
        String primary = cluster.facts().primary();
        return primary != null
                && standby.configuration()
                        .primaryConninfo()
                        .contains(cluster.names().host(primary))
                && standby.configuration().primarySlotName().equals(Names.slot(member.name()));
    }

    private static Action follow(MemberView member, ClusterView cluster) {
        String primary = Objects.requireNonNull(cluster.facts().primary());
        return new Action.Follow(
                member.name(), cluster.names().host(primary), cluster.spec().port(), Names.slot(member.name()));
    }

    /**
     * On an older timeline it must have left that before the fork, whomever it receives from for long: the primary itself first sends what
     * is before. On the same one it can only be ahead if it wrote, or received, what the primary lost in a crash; while it receives it is
     * not, though the newer look at it may be ahead.
     */
    private static boolean diverged(
            MemberView member, Probe.Standby standby, ClusterView cluster, Probe.Primary primary, Now now) {
        Position position = standby.position();
        boolean streams = standby.receiver() != null && standby.receiver().streaming();
        if (position.timeline() == primary.position().timeline()) {
            return !streams
                    && primaryWasSeenSince(member, cluster)
                    && position.lsn().compareTo(primary.position().lsn()) > 0;
        }
        boolean lately = member.seenFor(now).compareTo(Duration.ofSeconds(3)) <= 0;
        if (streams && (lately || position.timeline() > primary.position().timeline())) {
            return false;
        }
        return primary.history() != null && !primary.history().contains(position);
    }

    /** An older look at the primary does not show what the member received after it. */
    private static boolean primaryWasSeenSince(MemberView member, ClusterView cluster) {
        Duration since = member.since();
        return since != null
                && cluster.primary()
                        .map(MemberView::probedAt)
                        .filter(probedAt -> probedAt.compareTo(since) > 0)
                        .isPresent();
    }

    /**
     * Told to follow, but nothing comes, and its slot begins after the end of its log: what lies between may have been removed. As long
     * as the slot keeps what it needs, it is only that the two cannot reach each other, and a copy would need that way, too.
     */
    private static boolean starved(
            MemberView member, Probe.Standby standby, ClusterView cluster, Probe.Primary primary, Now now) {
        return follows(member, standby, cluster)
                && (standby.receiver() == null || !standby.receiver().streaming())
                && standby.position().compareTo(primary.position()) < 0
                && slots(primary, member).noneMatch(slot -> keeps(slot, standby.position()))
                && member.seenFor(now).compareTo(Timing.STARVED_AFTER) > 0;
    }

    private static Stream<Probe.Slot> slots(Probe.Primary primary, MemberView member) {
        return primary.slots().stream().filter(slot -> slot.name().equals(Names.slot(member.name())));
    }

    private static boolean keeps(Probe.Slot slot, Position position) {
        Lsn from = slot.keptFrom();
        return from != null && from.compareTo(position.lsn()) <= 0;
    }

    /**
     * Nobody is copying to it, and still PostgreSQL does not come up: what it has is broken. Silence alone does not say so – only the
     * way from the operator may be cut, and an instruction to clone would arrive all the same.
     */
    private static Optional<Measure> ofSilent(
            MemberView member, Probe.Unreachable silent, ClusterView cluster, Probe.Primary primary, Now now) {
        PodView pod = member.pod();
        boolean alive = primary.copiesTo(member.name())
                || primary.followers().stream()
                        .anyMatch(follower -> follower.member().equals(member.name()));
        boolean everRan = cluster.facts().incarnations().containsKey(member.name());
        Duration silence = withoutSignOfLife(member, cluster, now);
        if (pod == null
                || pod.nodeState() != PodView.NodeState.READY
                || alive
                || !everRan
                || !silent.refused()
                || member.refusedFor(now).compareTo(Timing.NOT_RUNNING_FOR) < 0
                || !(isUnreadable(member, cluster) || hasRunFor(Timing.BROKEN_AFTER, pod, now))
                || silence.compareTo(patience(pod, cluster)) < 0
                || anotherComesBack(member, cluster, primary, now)) {
            return Optional.empty();
        }
        String id = cluster.facts().epoch() + BROKEN + silence.dividedBy(Timing.BROKEN_AFTER.multipliedBy(5));
        return instruct(
                member,
                cluster,
                Verb.CLONE,
                id,
                isUnreadable(member, cluster)
                        ? "its data directory cannot be read"
                        : "PostgreSQL did not come up on it for " + silence.toMinutes() + " minutes");
    }

    /** Since it last answered, or was last seen to be copied to: what is copied for hours has to be made durable, and started, after that. */
    private static Duration withoutSignOfLife(MemberView member, ClusterView cluster, Now now) {
        Duration silence = Silence.of(member, cluster, now);
        Duration copied = member.lastCopied();
        if (copied == null) {
            return silence;
        }
        Duration since = member.watchedFrom(copied, now);
        return since.compareTo(silence) < 0 ? since : silence;
    }

    /**
     * Who has just been told to rewind recovers first, and then waits for a checkpoint of the primary, with nothing to be seen of it. One whose
     * recovery let nobody in had been silent for long before.
     */
    private static Duration patience(PodView pod, ClusterView cluster) {
        Instruction order = pod.instruction();
        if (order == null || order.epoch() != cluster.facts().epoch()) {
            return Timing.BROKEN_AFTER;
        }
        if (order.id().contains(STUCK)) {
            return Timing.STUCK_AFTER.plus(Timing.REWIND_PATIENCE);
        }
        return order.verb() == Verb.REWIND ? Timing.REWIND_PATIENCE : Timing.BROKEN_AFTER;
    }

    /** The container runs, so that PostgreSQL could. */
    private static boolean hasRunFor(Duration time, PodView pod, Now now) {
        return pod.container() instanceof PodView.Container.Running running
                && Timing.isOver(running.startedAt(), time, now);
    }

    /**
     * Its script refuses to start on what it finds, since that may be the only copy, and its container ends again and again; but it reads
     * its instruction first. Only of the volume on which the member was seen to run is it known whose copy that was.
     */
    static boolean isUnreadable(MemberView member, ClusterView cluster) {
        return member.pod() != null
                && member.pod().container().dataIsUnreadable()
                && Incarnation.isRecorded(member, cluster.facts());
    }

    /**
     * One copy after the other is given up: the next only when this one streams again – or will not: its node is lost, or nothing has been
     * heard of it for long. (Its order stays on its pod, obeyed or not.)
     */
    private static boolean anotherComesBack(MemberView member, ClusterView cluster, Probe.Primary primary, Now now) {
        return cluster.members().stream()
                .filter(other -> !other.name().equals(member.name()))
                .filter(other -> other.told()
                        .filter(order -> order.id().contains(BROKEN))
                        .isPresent())
                .filter(other -> other.pod() != null && other.pod().nodeState() == PodView.NodeState.READY)
                .filter(other -> withoutSignOfLife(other, cluster, now).compareTo(Timing.COPY_PATIENCE) < 0)
                .anyMatch(other -> !primary.streamsTo(other.name()));
    }

    private static String idAt(ClusterView cluster, Position position) {
        return cluster.facts().epoch() + "-" + position.timeline() + "-"
                + Long.toHexString(position.lsn().bytes());
    }

    static Optional<Measure> instruct(MemberView member, ClusterView cluster, Verb verb, String id, String why) {
        PodView pod = member.pod();
        if (pod == null || pod.isTold(id)) {
            return Optional.empty();
        }
        String primary = Objects.requireNonNull(cluster.facts().primary());
        String words = switch (verb) {
            case REWIND -> member.name() + " is rewound to follow " + primary + ": " + why;
            case CLONE -> member.name() + " is cloned anew from " + primary + ": " + why;
            case PROMOTE -> member.name() + " is promoted by its script: " + why;
            case RESTART -> member.name() + " is restarted by its script: " + why;
        };
        Instruction instruction = new Instruction(
                id, cluster.facts().epoch(), verb, cluster.names().host(primary));
        return Optional.of(
                new Measure(new Action.Instruct(member.name(), instruction), Event.warning("Rejoining", words)));
    }

    /**
     * Who was told to become a copy of a primary that is known no more would wait for that one, and be waited for. What it has may
     * be the end of the log; whom it is to follow is said when there is a primary again. A copy that has begun goes on.
     */
    static List<Action> copiesCalledOff(ClusterView cluster, Now now) {
        long epoch = cluster.facts().epoch();
        Instruction start = new Instruction(epoch + "-start", epoch, Verb.RESTART, "");
        return cluster.members().stream()
                .filter(member -> member.probe() instanceof Probe.Unreachable silent
                        && silent.refused()
                        && member.refusedFor(now).compareTo(Timing.NOT_RUNNING_FOR) >= 0)
                .filter(member -> member.told().filter(Rejoin::asksForCopy).isPresent())
                .<Action>map(member -> new Action.Instruct(member.name(), start))
                .toList();
    }

    /** What was broken, or was given up by a person, is worth nothing to start on. */
    private static boolean asksForCopy(Instruction order) {
        boolean worthless = order.id().contains(BROKEN) || order.id().contains(Rebuild.ID);
        return !worthless && (order.verb() == Verb.REWIND || order.verb() == Verb.CLONE);
    }

    private Rejoin() {}
}
