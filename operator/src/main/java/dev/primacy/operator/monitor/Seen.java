package dev.primacy.operator.monitor;

import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one member over SQL. Every time is on the operator's monotonic clock.
 *
 * @param probe the newest result
 * @param begun when the look that brought it began
 * @param since when its state, positions aside, was first seen like this
 * @param sincePosition the end of its log at that time; null if it did not answer
 * @param lastAnswered when a look that was answered began; null if none was
 * @param lastPosition the end of its log at that time
 * @param lastGrant the member may be writable until TTL after this; null if it was never granted
 */
public record Seen(
        Probe probe,
        Duration begun,
        Duration since,
        @Nullable Position sincePosition,
        @Nullable Duration lastAnswered,
        @Nullable Position lastPosition,
        @Nullable Duration lastGrant) {

    /** A vote's wait counts from when it was seen for certain, hence from the end of the look (rule 3). */
    Seen then(Probe newProbe, Duration newBegun, Duration ended) {
        boolean same = Material.of(probe).equals(Material.of(newProbe));
        Probe.Answered answered = newProbe instanceof Probe.Answered answer ? answer : null;
        return new Seen(
                newProbe,
                newBegun,
                same ? since : ended,
                same ? sincePosition : answered == null ? null : answered.position(),
                answered == null ? lastAnswered : newBegun,
                answered == null ? lastPosition : answered.position(),
                lastGrant);
    }

    Seen granted(@Nullable Duration at) {
        return new Seen(probe, begun, since, sincePosition, lastAnswered, lastPosition, at);
    }
}
