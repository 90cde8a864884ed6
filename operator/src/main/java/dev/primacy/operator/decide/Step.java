package dev.primacy.operator.decide;

import dev.primacy.operator.model.Facts;
import java.time.Duration;
import java.util.List;

/** What a rule that applies says of this pass. */
sealed interface Step {

    /** The facts change; nothing else happens until they are persisted. */
    record Recorded(Facts facts, List<Event> events) implements Step {
        Recorded(Facts facts, Event... events) {
            this(facts, List.of(events));
        }
    }

    /**
     * Something disruptive happens, or is being waited for, and no later rule applies.
     *
     * @param phase one or two words for the Status column
     * @param waitingFor a sentence: what the cluster is doing and waits for
     */
    record Act(Phase phase, String waitingFor, List<Action> actions, List<Event> events, Duration recheck)
            implements Step {
        static Act of(Phase phase, String waitingFor, Action... actions) {
            return new Act(phase, waitingFor, List.of(actions), List.of(), Duration.ofSeconds(1));
        }

        static Act of(Phase phase, String waitingFor, List<Action> actions) {
            return new Act(phase, waitingFor, actions, List.of(), Duration.ofSeconds(1));
        }

        Act saying(Event event) {
            return new Act(phase, waitingFor, actions, List.of(event), recheck);
        }

        Act recheckAfter(Duration delay) {
            return new Act(phase, waitingFor, actions, events, delay);
        }
    }

    /** What was seen is too old for any decision; what people were told stands. */
    record NothingYet(Duration recheck) implements Step {}

    /** Only a person can help. {@code message} says what is wrong, with which value, and what to do. */
    record Stall(String reason, String message) implements Step {}
}
