package dev.primacy.operator.model;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One member as it was seen: its Kubernetes objects and the last look at it over SQL.
 *
 * @param statefulSet null when there is none
 * @param probe the newest result. What answers at the address of a pod that is gone counts only as long as it is primary: that
 *     nobody may overlook, but nothing is to be built on a standby of which Kubernetes knows nothing any more
 * @param probedAt when the newest result began, on the operator's monotonic clock
 * @param watchedSince since when it has been looked at without a break, on the operator's monotonic clock; null if it is not looked at
 * @param lastAnswered when it last answered over SQL, on the operator's monotonic clock; null if never in this leadership
 * @param lastPosition the end of its log when it last answered; null if never in this leadership
 * @param since when its present state (role, epoch, upstream, receiver: all but positions) was first seen, on the operator's
 *     monotonic clock; the beginning of a vote's wait (rule 3)
 * @param sincePosition where its log ended when its present state was first seen; an LSN taken after the last change
 * @param startingSince since when PostgreSQL is there and lets nobody in, without having been away, on the operator's monotonic clock;
 *     null if it is not so
 * @param refusedSince since when nothing has listened there, by every look that could tell, on the operator's monotonic clock; null if it
 *     is not so
 * @param lastCopied when the primary last showed that it was being cloned or rewound, on the operator's monotonic clock; null if never in
 *     this leadership
 * @param lastGrant when it was last given a grant, on the operator's monotonic clock; null if never by this process
 */
public record MemberView(
        String name,
        @Nullable PodView pod,
        @Nullable ClaimView claim,
        @Nullable StatefulSetView statefulSet,
        Probe probe,
        @Nullable Duration probedAt,
        @Nullable Duration watchedSince,
        @Nullable Duration lastAnswered,
        @Nullable Position lastPosition,
        @Nullable Duration since,
        @Nullable Position sincePosition,
        @Nullable Duration startingSince,
        @Nullable Duration refusedSince,
        @Nullable Duration lastCopied,
        @Nullable Duration lastGrant) {
    private static final Probe GONE = new Probe.Unreachable("its pod is gone");

    public MemberView {
        if (probe instanceof Probe.Standby && !hasAddress(pod)) {
            probe = GONE;
        }
    }

    /** Whether its pod was told to end. */
    public boolean isGoing() {
        return pod != null && pod.deleting();
    }

    /** Whether what answers is its pod, and not what is left of the one before. */
    public boolean isAtHome() {
        return hasAddress(pod);
    }

    private static boolean hasAddress(@Nullable PodView pod) {
        return pod != null && pod.ip() != null;
    }

    public Probe.@Nullable Answered answered() {
        return probe instanceof Probe.Answered answered ? answered : null;
    }

    public Probe.@Nullable Primary primary() {
        return probe instanceof Probe.Primary primary ? primary : null;
    }

    public Probe.@Nullable Standby standby() {
        return probe instanceof Probe.Standby standby ? standby : null;
    }

    /** The instruction that stands on its pod, obeyed or not. */
    public Optional<Instruction> told() {
        return Optional.ofNullable(pod).map(PodView::instruction);
    }

    /** Whether the newest look at it is not older than that. */
    public boolean wasSeenWithin(Duration age, Now now) {
        return probedAt != null && now.monotonic().minus(probedAt).compareTo(age) <= 0;
    }

    /** For how long it has shown its present state. */
    public Duration seenFor(Now now) {
        return since == null ? Duration.ZERO : watchedFrom(since, now);
    }

    /** For how long PostgreSQL has been there without letting anybody in. */
    public Duration lockedOutFor(Now now) {
        return startingSince == null ? Duration.ZERO : watchedFrom(startingSince, now);
    }

    /** For how long nothing has listened there. */
    public Duration refusedFor(Now now) {
        return refusedSince == null ? Duration.ZERO : watchedFrom(refusedSince, now);
    }

    /**
     * How long ago {@code moment} was, as far as it was watched since: what a member did while this process stood still nobody saw, so that
     * no patience with it runs out by that.
     */
    public Duration watchedFrom(Duration moment, Now now) {
        Duration from = watchedSince == null || moment.compareTo(watchedSince) > 0 ? moment : watchedSince;
        return now.monotonic().minus(from);
    }

    /** The end of its log, if it answers. */
    public @Nullable Position position() {
        return probe instanceof Probe.Answered answered ? answered.position() : null;
    }
}
