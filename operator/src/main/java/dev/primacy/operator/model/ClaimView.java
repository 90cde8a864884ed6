package dev.primacy.operator.model;

import org.jspecify.annotations.Nullable;

/**
 * A member's PersistentVolumeClaim. Its annotations outlive the status: they carry what the data belongs to.
 *
 * @param systemId the cluster whose data it holds, as annotated; null before a member ran on it
 * @param epoch the greatest epoch annotated; 0 if none
 * @param growth null when the volume is as large as the claim asks for, or is yet to be made
 * @param unbound null when it has a volume
 */
public record ClaimView(
        String name,
        String uid,
        @Nullable SystemId systemId,
        long epoch,
        @Nullable Growth growth,
        @Nullable Unbound unbound) {

    /** Its volume is yet to be made or found. */
    public boolean isToBeBound() {
        return unbound != null && unbound.phase().equals(Unbound.PENDING);
    }

    /**
     * Why it has no volume, as far as the claim itself says.
     *
     * @param phase Pending, or Lost where its volume was deleted
     * @param storageClass null where it names none: the Kubernetes cluster has no default, or it asks for a volume without
     */
    public record Unbound(String phase, @Nullable String storageClass) {
        public static final String PENDING = "Pending";
    }
}
