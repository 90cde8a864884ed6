package dev.primacy.api.v1;

import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** @param medium "" for the node's default medium, or "Memory" */
public record EmptyDir(@Nullable String medium, @Nullable Quantity sizeLimit) {}
