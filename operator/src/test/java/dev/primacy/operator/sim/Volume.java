package dev.primacy.operator.sim;

import dev.primacy.operator.model.Facts.SynchronousSet;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What outlives a pod: a data directory, and what the script keeps beside it. */
final class Volume {
    /** Of the claim or, on emptyDir, of the pod. */
    final String uid;

    long systemId;

    @Nullable
    Branch branch;
    /** The end of the flushed log. */
    long end;
    /** What has been replayed; never beyond the end. */
    long replayed;

    /** max_connections in the control file: of the last primary, or as the log says. */
    int connections = 100;

    long epoch;
    /** The greatest that was seen of it. */
    long seenEpoch;

    String conninfo = "";
    String slot = "";
    List<String> promotable = List.of();
    SynchronousSet synchronous = SynchronousSet.NONE;
    int reservedTo;
    final TreeSet<String> slots = new TreeSet<>();
    /** Its log has too many subtransactions that were open in the crash: no reads until it is promoted or made anew. */
    boolean subtransactions;

    boolean standbySignal;
    boolean solo;
    boolean unfinished;
    boolean full;
    /** The disk is gone: nothing starts on it any more. */
    boolean lost;

    String obeyed = "";
    /** The instance whose processes hold the lock of rule 3. */
    @Nullable
    Instance holder;

    Volume(String uid) {
        this.uid = uid;
    }

    boolean empty() {
        return branch == null;
    }

    Branch log() {
        return java.util.Objects.requireNonNull(branch);
    }
}
