package dev.primacy.e2e.harness;

/**
 * A write that its client saw acknowledged.
 *
 * @param client and number: its key in the table {@code written}
 * @param begun when its first statement was sent, and acknowledged: when the answer to its commit was there; {@link System#nanoTime}
 * @param member that acknowledged it, by its cluster_name
 * @param timeline that the member was on
 * @param lsn where the member's log stood as it was written, in bytes
 */
record Write(int client, int number, long begun, long acknowledged, String member, int timeline, long lsn) {

    /** What identifies a write, acknowledged or not. */
    record Key(int client, int number) {}

    Key key() {
        return new Key(client, number);
    }
}
