package dev.primacy.e2e;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus.PendingRestart;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.Set;

/**
 * Writes down every {@code <member> <parameter>} that status.pendingRestart showed while that member was still ready.
 *
 * @param seen grows while the watch is open
 */
record Announcements(Set<String> seen) implements Watcher<PostgresCluster> {
    @Override
    public void eventReceived(Action action, PostgresCluster cluster) {
        PendingRestart pending = cluster.getStatus().pendingRestart();
        if (pending != null) {
            pending.members().forEach((member, parameters) -> {
                if (isReady(cluster, member)) {
                    parameters.forEach(name -> seen.add(member + " " + name));
                }
            });
        }
    }

    private static boolean isReady(PostgresCluster cluster, String member) {
        return cluster.getStatus().members().stream()
                .anyMatch(it -> it.name().equals(member) && Boolean.TRUE.equals(it.ready()));
    }

    @Override
    public void onClose(WatcherException cause) {
        // What was seen so far is what counts.
    }
}
