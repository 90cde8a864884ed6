package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The standbys that have voted under the epoch in force: they receive from nobody and will not by themselves, so that nothing
 * the old primary writes from now on reaches them.
 */
record Votes(List<MemberView> voters) {

    static Votes of(ClusterView cluster) {
        return new Votes(cluster.members().stream()
                .filter(member -> cluster.facts().members().contains(member.name()))
                .filter(member -> hasVoted(member, cluster.facts().epoch()))
                .toList());
    }

    /**
     * What a vote is, as seen from outside (ha-protocol, "Words"). It counts only once the member has replayed what it has: after
     * a restart its position says too little before that, and a commit that it acknowledged would be passed over.
     */
    static boolean hasVoted(MemberView member, long epoch) {
        return member.probe() instanceof Probe.Standby standby
                && standby.epoch() == epoch
                && standby.configuration().primaryConninfo().isEmpty()
                && standby.receiver() == null
                && standby.atEnd();
    }

    private Set<String> names() {
        return voters.stream().map(MemberView::name).collect(Collectors.toSet());
    }

    private long among(Collection<String> members) {
        return names().stream().filter(members::contains).count();
    }

    /**
     * q_vote = ⌊m/2⌋ + 1 standbys of each promotable set that may be in force on the suspect. Each set contains its primary, so
     * those without the suspect are in force elsewhere. A primary alone in P has no quorum without itself.
     */
    boolean reachQuorumOf(List<List<String>> promotable, String suspect) {
        List<List<String>> inForce =
                promotable.stream().filter(set -> set.contains(suspect)).toList();
        return !inForce.isEmpty()
                && inForce.stream().allMatch(set -> {
                    int m = set.size() - 1;
                    long votes = names().stream()
                            .filter(member -> set.contains(member) && !member.equals(suspect))
                            .count();
                    return m > 0 && votes >= m / 2 + 1;
                });
    }

    /**
     * Rule 4: |S| − k + 1 voters of every synchronous set that may be in force hold every acknowledged commit between them. So do all
     * members outside of it: whoever has it in force is one of these – nobody is removed while several are listed –, and has what it
     * acknowledged itself. (Listed for the target of a switchover, say, whose primary was lost before it had stopped.) False where commits
     * may have waited for nobody.
     */
    boolean holdEveryCommit(Facts facts) {
        return !facts.synchronous().isEmpty()
                && facts.synchronous().stream()
                        .allMatch(set -> set.number() > 0
                                && (among(set.standbys()) >= set.standbys().size() - set.number() + 1
                                        || includeAllOutside(set, facts)));
    }

    private boolean includeAllOutside(SynchronousSet set, Facts facts) {
        List<String> outside = facts.members().stream()
                .filter(member -> !set.standbys().contains(member))
                .toList();
        return !outside.isEmpty() && outside.stream().allMatch(member -> include(member, facts));
    }

    /** Whether the member is among them, on the volume on which it was last seen. */
    boolean include(String member, Facts facts) {
        return voters.stream().anyMatch(voter -> voter.name().equals(member) && Incarnation.isRecorded(voter, facts));
    }

    /** When the last vote that counts was first seen, on the operator's monotonic clock. */
    Duration complete() {
        return voters.stream()
                .map(MemberView::since)
                .map(since -> since == null ? Duration.ZERO : since)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }
}
