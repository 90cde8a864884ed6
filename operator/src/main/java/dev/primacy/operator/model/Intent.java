package dev.primacy.operator.model;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is about to happen to the primary (rule 2). It stands in the status before the first action of it, and goes when it is
 * done, so that an operator process that takes over finishes what another began.
 *
 * @param deposed every member that may be primary now and must be fenced before another is promoted: the old primary, and
 *     any target whose promotion was begun and not seen to end (rule 7); empty at bootstrap
 * @param to the chosen member; null while votes are still being counted
 * @param timeline reserved for {@code to}; 0 while there is none
 * @param since when clients began to wait, as far as was seen; wall clock, for people
 * @param chosenAt when {@code to} was chosen; null while it is not
 */
public record Intent(
        Kind kind,
        List<String> deposed,
        @Nullable String to,
        int timeline,
        String reason,
        Instant since,
        @Nullable Instant chosenAt) {

    public enum Kind {
        /** The first promotion of a cluster, or of one that was applied again to retained data. */
        Bootstrap,
        /** The primary is lost, or came back in recovery. */
        Failover,
        /** Somebody asked, or a planned restart of the primary is due. */
        Switchover
    }

    public Intent {
        deposed = List.copyOf(deposed);
    }

    /** One that begins. */
    public Intent(Kind kind, List<String> deposed, @Nullable String to, String reason, Instant since) {
        this(kind, deposed, to, 0, reason, since, to == null ? null : since);
    }

    /** The same, with one more who may be primary now. */
    public Intent deposing(String member) {
        List<String> all = new ArrayList<>(deposed);
        all.add(member);
        return new Intent(kind, all, to, timeline, reason, since, chosenAt);
    }

    public Intent choosing(String member, int reservedTimeline, Instant at) {
        return new Intent(kind, deposed, member, reservedTimeline, reason, since, at);
    }
}
