package dev.primacy.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.testbed.Node;
import dev.primacy.testbed.Testbed;

/**
 * The processes of one pod, reached from its node: that works while the API server is down, and where nothing in the pod answers.
 *
 * @param podUid metadata.uid
 */
public record Processes(Testbed testbed, Node node, String podUid) {
    /** Its children call themselves "postgres: <cluster_name>: <what they are>", but for the first moment after the fork. */
    private static final String POSTMASTER = "^postgres -D";

    public void killPostmaster() {
        assertThat(signal(POSTMASTER, "KILL")).as("postmasters killed").isPositive();
    }

    public void stopPostmaster() {
        assertThat(signal(POSTMASTER, "STOP")).as("postmasters stopped").isPositive();
    }

    /** Everything of PostgreSQL in the pod stands still. */
    public void stopPostgres() {
        assertThat(signal("^postgres", "STOP")).as("processes stopped").isPositive();
    }

    public void continuePostgres() {
        signal("^postgres", "CONT");
    }

    /** Kills children of the postmaster by what they are, as in {@code walsender}. */
    public void kill(String child) {
        assertThat(signalChild(child, "KILL")).as(child + "s killed").isPositive();
    }

    /** Such children stand still. */
    public void stop(String child) {
        assertThat(signalChild(child, "STOP")).as(child + "s stopped").isPositive();
    }

    private int signalChild(String child, String signal) {
        return signal("^postgres: [^ ]+ " + child, signal);
    }

    /** @return how many processes got it */
    public int signal(String commandLine, String signal) {
        return testbed.faults().signal(node, podUid, commandLine, signal);
    }
}
