package dev.primacy.e2e.harness;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * Somebody who writes the resource twenty times a second, as controllers do that fight over an annotation: whoever read it before has read
 * an old one. Each time it looks whether what it wrote last is still there.
 */
public final class Meddler implements AutoCloseable {
    public static final int WRITES_A_SECOND = 20;
    private static final String ANNOTATION = "example.com/written";
    private static final long PACE = Duration.ofSeconds(1).toNanos() / WRITES_A_SECOND;

    private final Cluster cluster;
    private final Thread thread;
    private final AtomicInteger written = new AtomicInteger();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private volatile boolean ended;

    private Meddler(Cluster cluster) {
        this.cluster = cluster;
        this.thread = Thread.ofVirtual().name("meddler").start(this::meddle);
    }

    /** Returns when it is at it. */
    public static Meddler begin(Cluster cluster) {
        Meddler meddler = new Meddler(cluster);
        meddler.awaitWrites(WRITES_A_SECOND);
        return meddler;
    }

    /** Waits until it has written so many times more. */
    public void awaitWrites(int more) {
        int enough = written.get() + more;
        Awaitility.await("the resource is written " + more + " times more")
                .atMost(Cluster.PATIENCE)
                .until(() -> written.get() >= enough || !thread.isAlive());
    }

    /** Where something else stood in the place of what it had written, or it could not write. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    private void meddle() {
        long due = System.nanoTime();
        try {
            while (!ended) {
                look();
                cluster.annotate(ANNOTATION, Integer.toString(written.get() + 1));
                written.incrementAndGet();
                due += PACE;
                LockSupport.parkNanos(due - System.nanoTime());
            }
            look();
        } catch (KubernetesClientException e) {
            complaints.add("after " + written + " writes: " + e.getMessage());
        }
    }

    private void look() {
        Map<String, String> annotations =
                Objects.requireNonNullElse(cluster.get().getMetadata().getAnnotations(), Map.of());
        String there = annotations.getOrDefault(ANNOTATION, "0");
        if (!there.equals(written.toString())) {
            complaints.add("wrote " + written + " and found " + there);
        }
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join(Cluster.PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
