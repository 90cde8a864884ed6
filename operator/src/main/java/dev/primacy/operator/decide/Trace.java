package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.TimelineHistory;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One pass as it can be told afterwards: what was written down, what was seen of the members, and what was decided. The operator
 * logs it as a line of JSON, and the tests hold such lines against the invariants.
 *
 * @param cluster the uid of the resource
 * @param operator the process; {@code at} is on its monotonic clock, in milliseconds
 * @param written the facts as they were persisted when the pass began
 * @param decided the facts that it asks to be written; null if they stay
 */
public record Trace(
        String cluster,
        String operator,
        long at,
        String rule,
        Written written,
        @Nullable Written decided,
        @Nullable String routed,
        List<Member> members,
        List<String> actions,
        List<String> promotes) {

    /** The facts that the invariants are about. */
    public record Written(
            long epoch,
            @Nullable String systemId,
            @Nullable String initdbMember,
            @Nullable String primary,
            boolean intent,
            @Nullable String target,
            int maxTimeline) {
        static Written of(Facts facts) {
            Intent intent = facts.intent();
            return new Written(
                    facts.epoch(),
                    facts.systemId() == null ? null : facts.systemId().value(),
                    facts.initdbMember(),
                    facts.primary(),
                    intent != null,
                    intent == null ? null : intent.to(),
                    facts.maxTimeline());
        }
    }

    /** A member that answered; {@code upstream} is the host that a standby streams from. */
    public record Member(
            String name,
            @Nullable String volume,
            boolean primary,
            boolean solo,
            long epoch,
            String systemId,
            int timeline,
            long lsn,
            @Nullable String upstream,
            List<Fork> forks) {}

    public record Fork(int parent, long end) {}

    public static Trace of(String operator, ClusterView cluster, Decision decision, Now now) {
        return new Trace(
                cluster.uid(),
                operator,
                now.monotonic().toMillis(),
                decision.rule(),
                Written.of(cluster.facts()),
                decision.facts().equals(cluster.facts()) ? null : Written.of(decision.facts()),
                cluster.routed(),
                cluster.members().stream()
                        .filter(member -> member.answered() != null)
                        .map(Trace::member)
                        .toList(),
                decision.actions().stream()
                        .map(action -> action.getClass().getSimpleName())
                        .toList(),
                decision.actions().stream()
                        .filter(Action.Promote.class::isInstance)
                        .map(action -> ((Action.Promote) action).member())
                        .toList());
    }

    private static Member member(MemberView seen) {
        Probe.Answered answered = Objects.requireNonNull(seen.answered());
        Probe.Receiver receiver = answered instanceof Probe.Standby standby ? standby.receiver() : null;
        TimelineHistory history = answered.history();
        return new Member(
                seen.name(),
                Incarnation.of(seen),
                answered instanceof Probe.Primary,
                answered instanceof Probe.Primary primary && primary.solo(),
                answered.epoch(),
                String.valueOf(answered.identity().systemId()),
                answered.position().timeline(),
                answered.position().lsn().bytes(),
                receiver != null && receiver.streaming() ? receiver.host() : null,
                history == null
                        ? List.of()
                        : history.forks().stream()
                                .map(fork -> new Fork(fork.parent(), fork.end().bytes()))
                                .toList());
    }
}
