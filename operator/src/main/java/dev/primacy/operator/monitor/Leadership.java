package dev.primacy.operator.monitor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Whether this operator process leads. Asked before every grant. */
public interface Leadership {
    /**
     * When the newest quorum read or write of the Lease that found this process to be its holder was <em>begun</em>, on the operator's
     * monotonic clock; null if none was, or a later one found another holder.
     */
    @Nullable
    Duration confirmedAt();

    /**
     * Asks now. If it is so, nobody else can have led before the question: whoever finds another holder ends.
     */
    boolean isStillHeld();
}
