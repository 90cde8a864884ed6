package dev.primacy.operator.model;

import org.jspecify.annotations.Nullable;

/**
 * A member's PersistentVolumeClaim. Its annotations outlive the status: they carry what the data belongs to.
 *
 * @param systemId the cluster whose data it holds, as annotated; null before a member ran on it
 * @param epoch the greatest epoch annotated; 0 if none
 * @param growth null when the volume is as large as the claim asks for, or is yet to be made
 */
public record ClaimView(
        String name,
        String uid,
        @Nullable SystemId systemId,
        long epoch,
        @Nullable Growth growth) {}
