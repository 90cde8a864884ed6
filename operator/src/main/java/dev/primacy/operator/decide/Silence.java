package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import java.time.Duration;

/** How long a member has not answered over SQL; counted from the start of this leadership if it never did. */
final class Silence {

    static Duration of(MemberView member, ClusterView cluster, Now now) {
        if (member.answered() != null) {
            return Duration.ZERO;
        }
        Duration since = member.lastAnswered() == null ? cluster.leaderSince() : member.lastAnswered();
        return member.watchedFrom(since, now);
    }

    private Silence() {}
}
