package dev.primacy.operator.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one look at a member over SQL showed. Not being able to look is a result, never an exception. */
public sealed interface Probe {

    /** PostgreSQL answered. */
    sealed interface Answered extends Probe {
        Identity identity();

        Position position();

        /** The history of the member's timeline; null until it was read. */
        @Nullable
        TimelineHistory history();

        Configuration configuration();

        /** The epoch that the member keeps. */
        long epoch();
    }

    /**
     * It accepts writes.
     *
     * @param writeFailure the server's words for why a small write failed (rule 13), since free bytes do not show over SQL; null if it
     *     went well
     * @param roles fingerprint of the roles and databases that it has, by which a change by hand shows; empty until it was read
     */
    record Primary(
            Identity identity,
            Position position,
            @Nullable TimelineHistory history,
            Configuration configuration,
            long epoch,
            @Nullable String writeFailure,
            String roles,
            boolean solo,
            List<String> promotable,
            List<Follower> followers,
            List<Slot> slots,
            List<Copy> copies)
            implements Answered {
        public Primary {
            promotable = List.copyOf(promotable);
            followers = List.copyOf(followers);
            slots = List.copyOf(slots);
            copies = List.copyOf(copies);
        }

        /** Whether {@code pg_stat_replication} shows the member in state streaming. */
        public boolean streamsTo(String member) {
            return followers.stream().anyMatch(follower -> follower.member().equals(member) && follower.streaming());
        }

        /** Whether the member is being cloned or rewound from here: so says its copy, or its slot where nobody of its name follows. */
        public boolean copiesTo(String member) {
            return copies.stream().anyMatch(copy -> copy.member().equals(member))
                    || (slots.stream()
                                    .anyMatch(
                                            slot -> slot.active() && slot.name().equals(Names.slot(member)))
                            && followers.stream()
                                    .noneMatch(follower -> follower.member().equals(member)));
        }
    }

    /**
     * It is in recovery and answers reads.
     *
     * @param atEnd whether it has replayed all the log that it has and waits for more. Until then {@code position} may be short
     *     of the end: after a restart PostgreSQL knows only what it has replayed, not what it had received
     */
    record Standby(
            Identity identity,
            Position position,
            @Nullable TimelineHistory history,
            Configuration configuration,
            long epoch,
            @Nullable Receiver receiver,
            Lsn replayed,
            boolean atEnd,
            List<Slot> slots)
            implements Answered {
        public Standby {
            slots = List.copyOf(slots);
        }
    }

    /** PostgreSQL is there and refuses for now: starting up, shutting down, not yet consistent (SQLSTATE 57P03). */
    record Starting(String message) implements Probe {}

    /**
     * No answer within the deadline; says nothing about whether the member lives.
     *
     * @param refused whether its address answered that nothing listens there: the pod is there, and PostgreSQL does not run in it
     */
    record Unreachable(String reason, boolean refused) implements Probe {
        public Unreachable(String reason) {
            this(reason, false);
        }
    }

    /**
     * Who it is, so that a reused address is noticed.
     *
     * @param container what the container in which it runs calls itself; null if its script does not say
     */
    record Identity(
            String member,
            SystemId systemId,
            int serverVersionNumber,
            @Nullable String container) {}

    /**
     * @param lowered those of the five parameters of rule 9b that run with more than the files ask for, which no ordinary restart
     *     changes: the control file demands it
     * @param primaryConninfo as in force on the member; empty when it follows nobody
     * @param configLoaded hash of the configuration with which the server runs ({@code primacy.config}); empty while PostgreSQL
     *     finds an error in the mounted files
     * @param certificateLoaded hash of the certificate files in use ({@code CertificateHash}); empty when the files on disk are
     *     newer than those in use
     * @param pendingRestart names of parameters that wait for a restart
     * @param synchronousStandbyNames as in force
     */
    record Configuration(
            String configLoaded,
            String certificateLoaded,
            List<String> pendingRestart,
            List<String> lowered,
            String primaryConninfo,
            String primarySlotName,
            String synchronousStandbyNames) {
        public Configuration {
            pendingRestart = List.copyOf(pendingRestart);
            lowered = List.copyOf(lowered);
        }

        /** Whether commits count on the member, or would if this were a primary. */
        public boolean waitsFor(String member) {
            return synchronousStandbyNames.contains(Facts.SynchronousSet.quoted(member));
        }
    }

    /** A row of pg_stat_replication that belongs to a member ({@code application_name} is the member's name). */
    record Follower(String member, String state, String syncState, Lsn sent, Lsn flushed, Lsn replayed) {
        /** Who has more than this to replay shows readers what is too old. */
        private static final long FAR = 64L << 20;

        /** In bytes. What it has received and not replayed counts: neither a read nor a promotion can have it sooner. */
        public long lag(Lsn end) {
            return replayed.behind(end);
        }

        public boolean isFarBehind(Lsn end) {
            return lag(end) > FAR;
        }

        public boolean streaming() {
            return state.equals("streaming");
        }
    }

    /**
     * A row of pg_replication_slots.
     *
     * @param walStatus reserved, extended, unreserved or lost
     * @param keptFrom restart_lsn: the log from here on is kept for whoever uses the slot; null if none is
     */
    record Slot(
            String name,
            boolean active,
            String walStatus,
            @Nullable Lsn keptFrom) {}

    /**
     * What the script in a member's pod fetches from the primary, under an {@code application_name} of kind and member: a base backup
     * (pg_stat_progress_basebackup), or what a rewind needs.
     *
     * @param kind "clone" or "rewind"
     * @param totalBytes 0 where it is not known
     */
    record Copy(String member, String kind, long streamedBytes, long totalBytes) {}

    /**
     * The walreceiver, where one runs.
     *
     * @param sinceMessage how long ago, on the member's own clock, it last heard from its upstream; with wal_receiver_timeout
     *     = 5 s it asks after half of that, so that on a healthy link this stays below 2.6 s even when nothing is written
     */
    record Receiver(String status, String host, Lsn received, Duration sinceMessage) {
        public boolean streaming() {
            return status.equals("streaming");
        }
    }
}
