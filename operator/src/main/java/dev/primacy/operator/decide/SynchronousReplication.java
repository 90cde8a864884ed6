package dev.primacy.operator.decide;

import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Rule 4: for whom commits wait. The facts list every (S, k) that may be in force: what weakens is written there before the
 * primary is told, what strengthens is dropped from there only after standbys flushed the log past the change.
 */
final class SynchronousReplication {

    /** What the spec asks for, as things stand. */
    static SynchronousSet wanted(ClusterView cluster, String primary) {
        Replication replication = cluster.spec().replication();
        if (replication.mode() != Replication.Mode.Synchronous) {
            return SynchronousSet.NONE;
        }
        List<String> leaving = Membership.leaving(cluster);
        List<String> standbys = cluster.facts().members().stream()
                .filter(member -> !member.equals(primary) && !leaving.contains(member))
                .toList();
        int number = Math.min(replication.synchronousStandbys(), standbys.size());
        return switch (replication.durability()) {
            case Required -> new SynchronousSet(standbys, number);
            case Preferred -> preferred(cluster, primary, standbys, number);
        };
    }

    /** Waits for as many as there are; for nobody, if nobody streams. */
    private static SynchronousSet preferred(ClusterView cluster, String primary, List<String> standbys, int number) {
        long streaming = streaming(cluster, primary)
                .filter(follower -> standbys.contains(follower.member()))
                .count();
        int reachable = (int) Math.min(number, streaming);
        return reachable == 0 ? SynchronousSet.NONE : new SynchronousSet(standbys, reachable);
    }

    /**
     * What a new primary starts with: under required durability the full set, so that nothing it acknowledges can be lost; else
     * nothing, until standbys follow it.
     */
    static SynchronousSet afterPromotion(ClusterView cluster, String newPrimary) {
        return cluster.spec().replication().durability() == Replication.Durability.Required
                ? wanted(cluster, newPrimary)
                : SynchronousSet.NONE;
    }

    /** The next fact to write down, if one is due. */
    static Optional<Facts> record(Facts facts, ClusterView cluster, MemberView member, Probe.Primary primary) {
        SynchronousSet wanted = wanted(cluster, member.name());
        boolean inForce = inForce(primary, wanted)
                && primary.epoch() == cluster.facts().epoch()
                && flushedPast(member, primary, wanted);
        return Listed.step(facts, cluster.facts().synchronous(), wanted, inForce, Facts::withSynchronous);
    }

    /** Tells the primary, once the facts list it. */
    static Optional<Action> tell(ClusterView cluster, MemberView member, Probe.Primary primary) {
        SynchronousSet wanted = wanted(cluster, member.name());
        return inForce(primary, wanted) || !cluster.facts().synchronous().contains(wanted)
                ? Optional.empty()
                : Optional.of(new Action.SetSynchronous(member.name(), wanted.synchronousStandbyNames()));
    }

    /**
     * Sets on a standby, long before, with what it would begin as a primary. Whether commits wait is for the checkpointer to say, which reads
     * a changed setting late while it is busy with a checkpoint (PostgreSQL 15 to 18, CheckpointWriteDelay): a commit in the first moments
     * after a promotion would not wait. While it is a standby the setting has no effect.
     */
    static Optional<Action> prepare(ClusterView cluster, MemberView member, Probe.Standby standby) {
        if (standby.epoch() != cluster.facts().epoch()
                || standby.receiver() == null
                || !standby.receiver().streaming()) {
            return Optional.empty();
        }
        String wanted = afterPromotion(cluster, member.name()).synchronousStandbyNames();
        return standby.configuration().synchronousStandbyNames().equals(wanted)
                ? Optional.empty()
                : Optional.of(new Action.SetSynchronous(member.name(), wanted));
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

    private static Stream<Probe.Follower> streaming(ClusterView cluster, String primary) {
        return cluster.member(primary).map(MemberView::primary).stream()
                .flatMap(seen -> seen.followers().stream())
                .filter(Probe.Follower::streaming);
    }

    private SynchronousReplication() {}
}
