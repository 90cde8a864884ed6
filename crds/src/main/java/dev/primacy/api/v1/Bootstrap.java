package dev.primacy.api.v1;

import org.jspecify.annotations.Nullable;

/** How the cluster's data comes to be. */
public record Bootstrap(@Nullable Initdb initdb) {}
