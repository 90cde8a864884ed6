package dev.primacy.api.v1;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A Secret, kept by the operator, with what a client needs to connect. */
public record ConnectionSecret(
        String name,
        Format format,
        @Nullable String role,
        @Nullable String namespace) {
    public ConnectionSecret {
        format = Objects.requireNonNullElse(format, Format.ServiceBinding);
    }

    public enum Format {
        ServiceBinding,
        Env,
        Harness,
        Crossplane
    }
}
