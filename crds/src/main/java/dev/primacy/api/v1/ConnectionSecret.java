package dev.primacy.api.v1;

import org.jspecify.annotations.Nullable;

/** A Secret, kept by the operator, with what a client needs to connect. */
public record ConnectionSecret(
        String name,
        @Nullable Format format,
        @Nullable String role,
        @Nullable String namespace) {
    public enum Format {
        ServiceBinding,
        Env,
        Harness,
        Crossplane
    }
}
