package dev.primacy.api.v1;

import org.jspecify.annotations.Nullable;

/** Exactly one of the two. */
public record Volume(
        @Nullable ClaimTemplate persistentVolumeClaim,
        @Nullable EmptyDir emptyDir) {
    static final Volume DEFAULT = new Volume(null, new EmptyDir(null, null));
}
