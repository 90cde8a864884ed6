package dev.primacy.api.v1;

import org.jspecify.annotations.Nullable;

public record Storage(@Nullable Volume data) {}
