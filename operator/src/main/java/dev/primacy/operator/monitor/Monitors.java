package dev.primacy.operator.monitor;

import dev.primacy.operator.postgres.Connector;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The monitors of all clusters.
 *
 * @param <K> what names a cluster
 */
public final class Monitors<K> implements AutoCloseable {
    private final Supplier<Duration> clock;
    private final Leadership leadership;
    private final Consumer<K> changed;
    private final Map<K, ClusterMonitor> monitors = new ConcurrentHashMap<>();

    /** @param changed called, from many threads and without delay, when a member of the cluster changed */
    public Monitors(Supplier<Duration> clock, Leadership leadership, Consumer<K> changed) {
        this.clock = clock;
        this.leadership = leadership;
        this.changed = changed;
    }

    /** Watches the cluster like this from now on. */
    public void update(K cluster, Connector connector, Watch watch) {
        monitors.computeIfAbsent(
                        cluster, key -> new ClusterMonitor(connector, clock, leadership, () -> changed.accept(key)))
                .update(connector, watch);
    }

    /** Looks at the member at once. */
    public void nudge(K cluster, String member) {
        ClusterMonitor monitor = monitors.get(cluster);
        if (monitor != null) {
            monitor.nudge(member);
        }
    }

    /** Looks at every member now; see {@link ClusterMonitor#probeNow}. */
    public void probeNow(K cluster, Duration within) {
        ClusterMonitor monitor = monitors.get(cluster);
        if (monitor != null) {
            monitor.probeNow(within);
        }
    }

    /** By member; empty for a cluster that is not watched. */
    public Map<String, Seen> observation(K cluster) {
        @Nullable ClusterMonitor monitor = monitors.get(cluster);
        return monitor == null ? Map.of() : monitor.observation();
    }

    public void stop(K cluster) {
        ClusterMonitor monitor = monitors.remove(cluster);
        if (monitor != null) {
            monitor.close();
        }
    }

    @Override
    public void close() {
        monitors.keySet().forEach(this::stop);
    }
}
