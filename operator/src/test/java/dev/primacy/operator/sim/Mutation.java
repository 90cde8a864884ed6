package dev.primacy.operator.sim;

/**
 * A mistake that is made on purpose, on the side of the test: in what surrounds {@code Decider}, or in what it is shown. The
 * simulation has to find each of them.
 */
enum Mutation {
    NONE(""),
    /** Rule 6: a promotion takes the next number of its own, whoever else may have taken it. */
    NO_TIMELINE_RESERVATION("3"),
    /** Rule 3: the wait for the old primary's fence counts from the beginning, not from the votes. */
    FENCE_TIMER_BEFORE_VOTES("1"),
    /** A vote that raises the epoch and leaves the walreceiver running. */
    VOTE_KEEPS_RECEIVER(""),
    /** Rule 11: a witness vetoes for ever. */
    WITNESS_WITHOUT_BOUND("8"),
    /** Rule 1: whoever once held the Lease acts, whatever epoch the members are under. */
    LEASE_ALONE(""),
    /** Rule 1: what was seen counts, however long the process stood still after it, and whoever led meanwhile. */
    OLD_LOOKS("8"),
    /** restart_after_crash=on: after a crash it is writable again, behind everybody's back. */
    RESTART_AFTER_CRASH("1"),
    /** Rule 3: "the pod is gone" is taken for the end of its container. */
    POD_GONE_IS_PROOF("1"),
    /** Decisions outlive the status: initdb on whatever volume is empty. */
    INITDB_ON_EMPTY_VOLUME("9"),
    /** "Then read history and LSN until stable": a vote counts while the member still replays. */
    VOTE_BEFORE_REPLAY("2"),
    /** Rule 9: a member follows whatever its history is. */
    FOLLOW_ANY_HISTORY("4"),
    /** Rule 1: a session is opened without a look at the member's epoch. */
    SESSION_WITHOUT_EPOCH("5"),
    /** Rule 2: an intent is acted on before it is written down. */
    ACT_BEFORE_WRITTEN("6"),
    /** The fence loop counts on the grant alone. */
    FENCE_WITHOUT_PEERS("7"),
    /** Rule 3: the script takes longer to end PostgreSQL than others give it. */
    SLOW_FENCE("1");

    /** The invariant that it breaks; empty where it breaks several, and any may be first. */
    final String breaks;

    Mutation(String breaks) {
        this.breaks = breaks;
    }
}
