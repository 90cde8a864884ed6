package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterStatus.LastFailover;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import org.jspecify.annotations.Nullable;

/**
 * How much of the former primary's log the new one lacks, in bytes. What it wrote after it was looked at last nobody else can tell, so
 * that is unknown until it is back in recovery and shows where its log ends.
 */
final class LostLog {
    private static final String UNKNOWN = "unknown";

    static String of(ClusterView cluster, @Nullable String from, String to) {
        if (to.equals(from)) {
            return "0"; // promoted again, with all that it wrote
        }
        Probe.Primary reigning = cluster.member(to).map(MemberView::primary).orElse(null);
        Probe.Standby former = cluster.member(from).map(MemberView::standby).orElse(null);
        if (reigning == null || reigning.history() == null || former == null || !former.atEnd()) {
            return UNKNOWN;
        }
        Position end = former.position();
        return reigning.history().forks().stream()
                .filter(fork -> fork.parent() == end.timeline())
                .findFirst()
                .map(fork -> String.valueOf(fork.end().behind(end.lsn())))
                .orElse(UNKNOWN);
    }

    /** The last change of the primary, with what is known by now. */
    static @Nullable LastFailover completed(
            @Nullable LastFailover last, ClusterView cluster, @Nullable String primary) {
        if (last == null || !UNKNOWN.equals(last.lostBytes()) || !last.to().equals(primary)) {
            return last;
        }
        return new LastFailover(
                last.from(),
                last.to(),
                last.reason(),
                last.at(),
                last.writeGapMillis(),
                of(cluster, last.from(), last.to()));
    }

    private LostLog() {}
}
