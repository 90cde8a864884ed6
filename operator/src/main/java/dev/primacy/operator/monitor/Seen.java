package dev.primacy.operator.monitor;

import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one member over SQL. Every time is on the operator's monotonic clock.
 *
 * @param probe the newest result
 * @param look when it was looked at
 * @param lastAnswer the newest result that was an answer; null if none was
 * @param since when its state, positions aside, was first seen as in the last answer. Silence in between is no other state: a
 *     vote that was given stays given under its epoch, and its wait does not begin again with a lost probe
 * @param sincePosition the end of its log at that time; null if it never answered
 * @param startingSince since when PostgreSQL is there and lets nobody in, without having been away; null if it is not so
 * @param refusedSince since when nothing has listened there, by every look that could tell; null if it is not so
 * @param lastCopied when the primary last showed that the member was being cloned or rewound; null if never
 * @param lastAnswered when a look that was answered began; null if none was
 * @param lastPosition the end of its log at that time
 * @param lastGrant the member may be writable until TTL after this; null if it was never granted
 */
public record Seen(
        Probe probe,
        Look look,
        Probe.@Nullable Answered lastAnswer,
        Duration since,
        @Nullable Position sincePosition,
        @Nullable Duration startingSince,
        @Nullable Duration refusedSince,
        @Nullable Duration lastCopied,
        @Nullable Duration lastAnswered,
        @Nullable Position lastPosition,
        @Nullable Duration lastGrant) {
    private static final Probe NOT_YET = new Probe.Unreachable("not looked at yet at its new address");

    /** When the newest look at it began. */
    public Duration begun() {
        return look.begun();
    }

    /** Since when it has been looked at without a break. */
    public Duration watchedSince() {
        return look.unbrokenSince();
    }

    /** A vote's wait counts from when it was seen for certain, hence from the end of the look (rule 3). */
    Seen then(Probe newProbe, Duration newBegun, Duration ended) {
        Probe.Answered answered = newProbe instanceof Probe.Answered answer ? answer : null;
        boolean same = answered == null
                || answered.equals(lastAnswer)
                || (lastAnswer != null && Material.of(lastAnswer).equals(Material.of(answered)));
        return new Seen(
                newProbe,
                look.then(newBegun, ended),
                answered == null ? lastAnswer : answered,
                same ? since : ended,
                same || answered == null ? sincePosition : answered.position(),
                starting(newProbe, ended),
                refused(newProbe, ended),
                lastCopied,
                answered == null ? lastAnswered : newBegun,
                answered == null ? lastPosition : answered.position(),
                lastGrant);
    }

    /** At another address, hence in another pod: what was seen there ended with the one before, but not what was heard from it. */
    public Seen elsewhere() {
        return new Seen(
                NOT_YET,
                look,
                lastAnswer,
                since,
                sincePosition,
                null,
                null,
                lastCopied,
                lastAnswered,
                lastPosition,
                lastGrant);
    }

    /** Whether it differs materially from what was seen just before. */
    boolean isNewsAfter(Seen before) {
        boolean bothAnswered = before.probe instanceof Probe.Answered && probe instanceof Probe.Answered;
        return bothAnswered ? !since.equals(before.since) : !probe.equals(before.probe);
    }

    /** A look without an answer says nothing; one that is refused, that it was away. */
    private @Nullable Duration starting(Probe newProbe, Duration ended) {
        return switch (newProbe) {
            case Probe.Starting ignored -> startingSince == null ? ended : startingSince;
            case Probe.Unreachable silent when !silent.refused() -> startingSince;
            case Probe.Unreachable ignored -> null;
            case Probe.Answered ignored -> null;
        };
    }

    /** A look without an answer says nothing. */
    private @Nullable Duration refused(Probe newProbe, Duration ended) {
        return switch (newProbe) {
            case Probe.Unreachable silent when silent.refused() -> refusedSince == null ? ended : refusedSince;
            case Probe.Unreachable ignored -> refusedSince;
            case Probe.Starting ignored -> null;
            case Probe.Answered ignored -> null;
        };
    }

    /**
     * What the monitor knows from elsewhere.
     *
     * @param granted when it was last granted, and copied when it was last seen to be cloned or rewound; null for never
     */
    Seen knowing(@Nullable Duration granted, @Nullable Duration copied) {
        return new Seen(
                probe,
                look,
                lastAnswer,
                since,
                sincePosition,
                startingSince,
                refusedSince,
                copied,
                lastAnswered,
                lastPosition,
                granted);
    }
}
