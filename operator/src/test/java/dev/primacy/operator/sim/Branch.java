package dev.primacy.operator.sim;

import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.TimelineHistory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A timeline as it really is: one per promotion, even where two promotions took the same number. A log is a branch and an end;
 * it contains its parent's up to the fork.
 */
final class Branch {
    final int timeline;
    final @Nullable Branch parent;
    final long fork;
    final TimelineHistory history;

    Branch(int timeline, @Nullable Branch parent, long fork) {
        this.timeline = timeline;
        this.parent = parent;
        this.fork = fork;
        List<TimelineHistory.Fork> forks = new ArrayList<>();
        if (parent != null) {
            forks.addAll(parent.history.forks());
            forks.add(new TimelineHistory.Fork(parent.timeline, new Lsn(fork)));
        }
        this.history = new TimelineHistory(timeline, forks);
    }

    /** Whether the log that ends here at {@code end} contains what stands on {@code other} up to {@code lsn}. */
    boolean contains(long end, Branch other, long lsn) {
        long limit = end;
        for (Branch branch = this; branch != null; branch = branch.parent) {
            if (branch == other) {
                return lsn <= limit;
            }
            limit = Math.min(limit, branch.fork);
        }
        return false;
    }

    /** The branch on which this one's log stands at {@code lsn}. */
    Branch at(long lsn) {
        Branch branch = this;
        while (branch.parent != null && lsn <= branch.fork) {
            branch = branch.parent;
        }
        return branch;
    }

    /** Where the two logs part. */
    static long common(Branch one, long end, Branch other, long otherEnd) {
        long limit = end;
        for (Branch branch = one; branch != null; branch = branch.parent) {
            long otherLimit = otherEnd;
            for (Branch candidate = other; candidate != null; candidate = candidate.parent) {
                if (candidate == branch) {
                    return Math.min(limit, otherLimit);
                }
                otherLimit = Math.min(otherLimit, candidate.fork);
            }
            limit = Math.min(limit, branch.fork);
        }
        return 0;
    }
}
