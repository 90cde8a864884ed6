package dev.primacy.api.v1;

import org.jspecify.annotations.Nullable;

public record ClusterServices(
        @Nullable ServiceOptions readWrite, @Nullable ServiceOptions readOnly) {}
