package dev.primacy.operator.monitor;

/** How often a member is looked at, beside the nudges; see {@link MemberWatch}. */
enum Pace {
    /** Every second: nobody else in its cluster waits for what it shows. */
    STEADY,
    /** Every second, and more often for a while when it has changed: the others are told by it what to do next. */
    ATTENTIVE,
    /** As often as it pays: clients wait for a primary. */
    HURRIED
}
