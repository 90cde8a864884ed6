package dev.primacy.operator.sim;

import java.util.Arrays;
import java.util.stream.Stream;

/** Between which two steps a process may end or pause: where it hurts most. */
enum Boundary {
    AFTER_A_DECISION_TO_ACT("after a decision to act"),
    AFTER_A_DECISION_TO_WRITE("after a decision to write"),
    AFTER_IT_WROTE_THE_STATUS("after it wrote the status"),
    BEFORE_AN_ACTION("before an action"),
    BEFORE_IT_STARTS_POSTGRESQL("before it starts PostgreSQL"),
    WHEN_A_COPY_IS_MARKED("when it has marked a copy as unfinished"),
    WHEN_AN_INSTRUCTION_IS_TAKEN_UP("when it has taken up an instruction"),
    WHEN_THE_EPOCH_OF_AN_ORDER_IS_KEPT("when it has kept the epoch of an order to promote"),
    WHEN_ABOUT_TO_FENCE("when it is about to fence"),
    WHEN_STOPPED("when it has stopped as asked"),
    WHEN_RELOADED("when it has reloaded"),
    WHEN_TOLD_WHOM_TO_FOLLOW("when it is told whom to follow"),
    WHILE_IT_VOTES("while it votes"),
    WHEN_TIMELINES_ARE_RESERVED("when its timelines are reserved"),
    WHEN_PROMOTED("when it is promoted");

    private final String words;

    Boundary(String words) {
        this.words = words;
    }

    /** How much likelier than elsewhere it is that a process ends here: few get that far. */
    double weight() {
        return this == WHEN_THE_EPOCH_OF_AN_ORDER_IS_KEPT ? 20 : 1;
    }

    /** The name under which it is counted. */
    String counted() {
        return "boundary: " + words;
    }

    static Stream<String> all() {
        return Arrays.stream(values()).map(Boundary::counted);
    }

    @Override
    public String toString() {
        return words;
    }
}
