package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.model.Facts;
import java.time.Duration;
import java.util.List;

/**
 * What a pass decided. When {@code facts} differ from the view's, they are written first, by compare-and-swap, and the actions
 * wait for the pass that finds them persisted.
 *
 * @param rule the name of the rule that applied, or {@link Decider#UPKEEP}
 * @param facts the facts from now on
 * @param actions in order; empty when the facts change
 * @param status the whole status, facts included
 * @param recheckAfter when to look again even if nothing is seen to change
 */
public record Decision(
        String rule,
        Facts facts,
        List<Action> actions,
        PostgresClusterStatus status,
        List<Event> events,
        Duration recheckAfter) {
    public Decision {
        actions = List.copyOf(actions);
        events = List.copyOf(events);
    }
}
