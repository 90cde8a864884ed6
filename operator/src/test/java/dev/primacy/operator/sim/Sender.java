package dev.primacy.operator.sim;

/** A row of pg_stat_replication on an upstream: its walsender for one standby. */
final class Sender {
    final Instance standby;
    final long since;
    long lastReply;
    long flushed;
    /** The process is stopped until then: it sends nothing, reads no reply, and its row stays. */
    long stoppedUntil = -1;
    /** The reply that the script last saw of it. */
    long seenReply = -1;

    Sender(Instance standby, long now) {
        this.standby = standby;
        this.since = now;
        this.lastReply = now;
    }
}
