package dev.primacy.operator.decide;

import dev.primacy.operator.model.Now;
import java.time.Duration;
import java.time.Instant;

/** The protocol's times, beside those that the script and PostgreSQL share ({@link dev.primacy.operator.model.Leave}). */
final class Timing {
    /** Fence loop period, query time and kill time of the script together (rule 3). */
    static final Duration FENCE_MARGIN = Duration.ofMillis(3_500);

    /** A silent primary whose container runs is given this long before votes are asked for. */
    static final Duration SUSPECT_AFTER = Duration.ofMillis(2_500);

    /** A primary that will come back on its own volume with log that no standby has is waited for this long. */
    static final Duration RESTART_PATIENCE = Duration.ofSeconds(5);

    /** The last word of a witness counts this long; see {@code Probe.Receiver#sinceMessage}. */
    static final Duration WITNESS_FRESH = Duration.ofMillis(2_600);

    /** Witnesses delay a failover without proof no longer than this (rule 11). */
    static final Duration WITNESS_BOUND = Duration.ofSeconds(15);

    /** Members are looked at every second, and have a second to answer: an older answer is from before this process stood still. */
    static final Duration LOOK_FRESH = Duration.ofSeconds(3);

    /** The same for a look that brought no answer: one that has to open a session may take four seconds, and so may the next. */
    static final Duration VAIN_LOOK_FRESH = Duration.ofSeconds(10);

    /** A standby that was silent this long leaves the promotable set. */
    static final Duration LEAVES_PROMOTABLE_AFTER = Duration.ofSeconds(30);

    /** A chosen target that stays silent this long is given up for another. */
    static final Duration TARGET_PATIENCE = Duration.ofSeconds(6);

    /** A target that answers and is not promoted in this time – its disk is full, say – is given up for another. */
    static final Duration PROMOTION_PATIENCE = Duration.ofSeconds(30);

    /**
     * A primary that recovers this long without letting anybody in may never do so: where transactions with many subtransactions
     * were open, its log does not say enough to serve reads (PostgreSQL 15 to 18). Promoted, it does.
     */
    static final Duration RECOVERY_PATIENCE = Duration.ofSeconds(30);

    /** An order by the second channel that did not lead to a promotion in this time is given anew. */
    static final Duration INSTRUCTION_PATIENCE = Duration.ofMinutes(2);

    /** A former primary in the same state is cloned after this: it follows nobody, so that nothing else gets it out of it. */
    static final Duration STUCK_AFTER = Duration.ofMinutes(10);

    /** A standby whose PostgreSQL does not come up in this time is cloned anew. */
    static final Duration BROKEN_AFTER = Duration.ofMinutes(2);

    /** A primary that goes on for so long, though a switchover asked it to stop, stays. */
    static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    /** An old primary that a switchover stopped, and that is silent for longer, does not come back from that stop. */
    static final Duration COMES_BACK_WITHIN = Duration.ofSeconds(10);

    /** A standby to which nothing comes for longer, and whose log the primary does not keep for certain, is cloned anew. */
    static final Duration STARVED_AFTER = Duration.ofSeconds(60);

    /** One that was told to rewind, and is not seen to, is cloned anew after this. */
    static final Duration REWIND_PATIENCE = Duration.ofMinutes(10);

    /** One that was told to clone, and of which nothing is heard for longer, keeps the others from it no more. */
    static final Duration COPY_PATIENCE = Duration.ofMinutes(10);

    /**
     * So long nothing must listen on it before that: the script starts PostgreSQL again after 10 s at most, and one that recovers
     * for long listens all the time.
     */
    static final Duration NOT_RUNNING_FOR = Duration.ofSeconds(5);

    /** A member on whose unknown volume nothing listened for so long has no data there; see {@link #NOT_RUNNING_FOR}. */
    static final Duration NOTHING_TO_START_AFTER = Duration.ofSeconds(30);

    /** A standby that answers and does not vote holds up an election that could do without it no longer than this. */
    static final Duration VOTE_PATIENCE = Duration.ofSeconds(3);

    /** On a lost node, an emptyDir member is made anew elsewhere after this (rule 9a). */
    static final Duration LOST_NODE_AFTER = Duration.ofSeconds(60);

    /** Standbys stream from a new primary by then, or do not serve reads any more. */
    static final Duration SETTLES_WITHIN = Duration.ofSeconds(3);

    /** More lag than this refuses a switchover (rule 12). */
    static final long SWITCHOVER_LAG_LIMIT = 16L << 20;

    /**
     * Whether {@code since}, by the wall clock of whoever wrote it down, is longer ago than {@code patience}. A time so far ahead is
     * that of a clock which was set back meanwhile: waiting for it to come would take as long as that step.
     */
    static boolean isOver(Instant since, Duration patience, Now now) {
        return Duration.between(since, now.wall()).abs().compareTo(patience) > 0;
    }

    private Timing() {}
}
