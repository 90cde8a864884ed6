package dev.primacy.operator.model;

import org.jspecify.annotations.Nullable;

/**
 * A member's PersistentVolumeClaim. Its annotations outlive the status: they carry what the data belongs to.
 *
 * @param systemId the cluster whose data it holds, as annotated; null before a member ran on it
 * @param epoch the greatest epoch annotated; 0 if none
 * @param resizeFailure why the volume could not grow; null when all is well
 */
public record ClaimView(
        String name,
        String uid,
        @Nullable SystemId systemId,
        long epoch,
        boolean bound,
        boolean deleting,
        String requested,
        String capacity,
        @Nullable String resizeFailure) {}
