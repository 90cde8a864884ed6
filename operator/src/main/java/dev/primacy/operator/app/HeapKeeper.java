package dev.primacy.operator.app;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Optional;
import javax.management.Notification;
import javax.management.NotificationEmitter;

/**
 * Keeps the process small. The serial collector grows the old generation up to its limit before it ever collects it; this asks for a
 * collection when the old generation holds half more than the last one left. No thread, no polling: the JVM tells.
 */
final class HeapKeeper {
    /** Below this a collection would give back too little to be worth its pause. */
    private static final long FLOOR = 24L << 20;

    private final MemoryPoolMXBean old;

    private HeapKeeper(MemoryPoolMXBean old) {
        this.old = old;
    }

    /** Drops what the start left behind, and keeps watch from then on. Does nothing under a collector without an old generation. */
    static void start() {
        oldGeneration().ifPresent(pool -> new HeapKeeper(pool).watch());
    }

    private static Optional<MemoryPoolMXBean> oldGeneration() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .filter(pool -> pool.isUsageThresholdSupported() && pool.isCollectionUsageThresholdSupported())
                .filter(pool -> pool.getName().contains("Tenured"))
                .findFirst();
    }

    private void watch() {
        NotificationEmitter memory = (NotificationEmitter) ManagementFactory.getMemoryMXBean();
        memory.addNotificationListener((notification, none) -> collect(), this::exceeded, null);
        collect();
    }

    private boolean exceeded(Notification notification) {
        return notification.getType().equals(MemoryNotificationInfo.MEMORY_THRESHOLD_EXCEEDED);
    }

    private void collect() {
        System.gc();
        MemoryUsage left = old.getCollectionUsage();
        long threshold = Math.max(FLOOR, left == null ? 0 : left.getUsed() * 3 / 2);
        long limit = old.getUsage().getMax();
        old.setUsageThreshold(limit > 0 ? Math.min(threshold, limit - 1) : threshold);
    }
}
