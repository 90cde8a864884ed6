package dev.primacy.operator.decide;

import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rule 4: for whom commits wait. The facts list every (S, k) that may be in force: what weakens is written there before the
 * primary is told, what strengthens is dropped from there only after standbys flushed the log past the change.
 *
 * <p>S names those alone whose log is known to be the primary's. PostgreSQL (15 to 18) believes who strayed from it: a standby that went
 * on where the primary's timeline did not asks from the beginning of the segment, is sent what both have, and begins by saying how far
 * it has replayed – on the other log –, by which commits are acknowledged that it does not have.
 */
final class SynchronousReplication {

    /** What the spec asks for, as things stand. */
    static SynchronousSet wanted(ClusterView cluster, MemberView reigning, Probe.Primary primary) {
        return of(cluster, reigning.name(), member -> mayCount(member, primary), streaming(primary));
    }

    /**
     * What a new primary starts with: under required durability with those who cannot have more than it has, so that nothing it acknowledges
     * can be lost; else nothing, until standbys follow it. Where it has all that its predecessor wrote, these are all on its timeline;
     * else they are who voted with no more: an old primary that came back since the choice has written on.
     */
    static SynchronousSet afterPromotion(ClusterView cluster, Facts facts, Intent intent, String target) {
        if (cluster.spec().replication().durability() != Replication.Durability.Required) {
            return SynchronousSet.NONE;
        }
        return of(cluster, target, countsAfterPromotion(cluster, facts, intent, target), Set.of());
    }

    private static Predicate<MemberView> countsAfterPromotion(
            ClusterView cluster, Facts facts, Intent intent, String target) {
        MemberView successor = cluster.member(target).orElse(null);
        Probe.Answered answered = successor == null ? null : successor.answered();
        if (successor != null && answered != null) {
            if (target.equals(facts.primary()) && Incarnation.isRecorded(successor, facts)) {
                return member -> mayCount(member, answered);
            }
            // Its predecessor stops in order, and it is promoted only once it has the end. Whom its own setting names
            // it waited for in an earlier reign, if it had one.
            if (intent.kind() == Intent.Kind.Switchover) {
                return member -> isOnTimelineOf(member, answered);
            }
        }
        return member ->
                answered != null && Votes.hasVoted(member, facts.epoch()) && isPartOf(member.position(), answered);
    }

    /** Whether a log that ends there has nothing that the successor's lacks. */
    private static boolean isPartOf(@Nullable Position end, Probe.Answered successor) {
        if (end == null) {
            return false;
        }
        if (end.timeline() == successor.position().timeline()) {
            return end.compareTo(successor.position()) <= 0;
        }
        return successor.history() != null && successor.history().contains(end);
    }

    /** Who has been seen on its timeline, or whom its commits counted on there, cannot stray while it reigns. */
    static boolean mayCount(MemberView member, Probe.Answered primary) {
        return isOnTimelineOf(member, primary) || primary.configuration().waitsFor(member.name());
    }

    private static boolean isOnTimelineOf(MemberView member, Probe.Answered primary) {
        return member.lastPosition() != null
                && member.lastPosition().timeline() == primary.position().timeline();
    }

    private static SynchronousSet of(
            ClusterView cluster, String primary, Predicate<MemberView> counts, Set<String> streaming) {
        Replication replication = cluster.spec().replication();
        if (replication.mode() != Replication.Mode.Synchronous) {
            return SynchronousSet.NONE;
        }
        List<String> leaving = Membership.leaving(cluster);
        List<String> all = cluster.facts().members().stream()
                .filter(member -> !member.equals(primary) && !leaving.contains(member))
                .toList();
        List<String> standbys = all.stream()
                .filter(member -> cluster.member(member).filter(counts).isPresent())
                .toList();
        int number = Math.min(replication.synchronousStandbys(), all.size());
        return switch (replication.durability()) {
            case Required -> new SynchronousSet(standbys, number);
            case Preferred -> preferred(standbys, number, streaming);
        };
    }

    /** Waits for as many as there are; for nobody, if nobody streams. */
    private static SynchronousSet preferred(List<String> standbys, int number, Set<String> streaming) {
        int reachable = (int)
                Math.min(number, standbys.stream().filter(streaming::contains).count());
        return reachable == 0 ? SynchronousSet.NONE : new SynchronousSet(standbys, reachable);
    }

    /** The next fact to write down, if one is due. */
    static Optional<Facts> record(Facts facts, ClusterView cluster, MemberView member, Probe.Primary primary) {
        SynchronousSet wanted = wanted(cluster, member, primary);
        boolean inForce = inForce(primary, wanted)
                && primary.epoch() == cluster.facts().epoch()
                && flushedPast(member, primary, wanted);
        return Listed.step(facts, cluster.facts().synchronous(), wanted, inForce, Facts::withSynchronous);
    }

    /** Tells the primary, once the facts list it. */
    static Optional<Action> tell(ClusterView cluster, MemberView member, Probe.Primary primary) {
        SynchronousSet wanted = wanted(cluster, member, primary);
        return inForce(primary, wanted) || !cluster.facts().synchronous().contains(wanted)
                ? Optional.empty()
                : Optional.of(new Action.SetSynchronous(member.name(), wanted.synchronousStandbyNames()));
    }

    /**
     * Sets on a standby, long before, that commits are to wait, if only for nobody yet. Whether they do is for the checkpointer to say, which reads
     * a changed setting late while it is busy with a checkpoint (PostgreSQL 15 to 18, CheckpointWriteDelay): a commit in the first moments
     * after a promotion would not wait. While it is a standby the setting has no effect. For whom they wait comes with the promotion.
     */
    static Optional<Action> prepare(ClusterView cluster, MemberView member, Probe.Standby standby) {
        if (standby.epoch() != cluster.facts().epoch()
                || standby.receiver() == null
                || !standby.receiver().streaming()) {
            return Optional.empty();
        }
        String wanted = prepared(cluster);
        return standby.configuration().synchronousStandbyNames().equals(wanted)
                ? Optional.empty()
                : Optional.of(new Action.SetSynchronous(member.name(), wanted));
    }

    /** The setting of a standby. */
    static String prepared(ClusterView cluster) {
        return ofNobody(cluster).synchronousStandbyNames();
    }

    /** Commits wait under required durability, and for nobody that is known. */
    static SynchronousSet ofNobody(ClusterView cluster) {
        Replication replication = cluster.spec().replication();
        boolean waits = replication.mode() == Replication.Mode.Synchronous
                && replication.durability() == Replication.Durability.Required;
        return new SynchronousSet(List.of(), waits ? replication.synchronousStandbys() : 0);
    }

    private static boolean inForce(Probe.Primary primary, SynchronousSet wanted) {
        return primary.configuration().synchronousStandbyNames().equals(wanted.synchronousStandbyNames());
    }

    /**
     * The primary's state has been the same – with the new names in force – since {@code sincePosition}, which hence lies past
     * the change. Once enough standbys flushed that, commits that had waited for fewer are on them too.
     */
    private static boolean flushedPast(MemberView member, Probe.Primary primary, SynchronousSet wanted) {
        Position change = member.sincePosition();
        if (change == null) {
            return false;
        }
        long flushed = primary.followers().stream()
                .filter(follower -> wanted.standbys().contains(follower.member()))
                .filter(follower -> follower.flushed().compareTo(change.lsn()) >= 0)
                .count();
        return flushed >= wanted.number();
    }

    private static Set<String> streaming(Probe.Primary primary) {
        return primary.followers().stream()
                .filter(Probe.Follower::streaming)
                .map(Probe.Follower::member)
                .collect(Collectors.toSet());
    }

    private SynchronousReplication() {}
}
