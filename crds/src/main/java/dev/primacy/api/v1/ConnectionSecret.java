package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A Secret, kept by the operator, with what a client needs to connect. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ConnectionSecret(
        @JsonPropertyDescription(
                "Name of the Secret that the operator makes and keeps up to date. It must not exist yet, nor be one of the"
                        + " cluster's own, such as <name>-app.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Formats.SUBDOMAIN, messageExpression = Formats.NOT_A_SUBDOMAIN)
        String name,

        @JsonPropertyDescription(
                "Which keys it has. ServiceBinding: those of servicebinding.io (type, provider, host, port,"
                        + " database, username, password, uri, certificates) and Spring's. Env: POSTGRES_HOST,"
                        + " POSTGRES_PORT, POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB, for envFrom. Harness: user, password and"
                        + " cert, as the Harness chart's secretName expects, beside a ConfigMap <name>-override"
                        + " with values for that chart. Crossplane: endpoint, port, username and password. Default:"
                        + " ServiceBinding.")
        Format format,

        @JsonPropertyDescription(
                "PostgreSQL role whose credentials it carries. So far that can only be the owner, spec.bootstrap.initdb.owner."
                        + " Default: the owner.")
        @Size(min = 1, max = 63)
        @ValidationRule(value = Formats.IDENTIFIER, messageExpression = Formats.NOT_AN_IDENTIFIER)
        @Nullable
        String role,

        @JsonPropertyDescription("Namespace of the Secret. Another one than the cluster's must opt in by the label"
                + " primacy.dev/accept-secrets-from: <namespace of the cluster>. Default: the cluster's own.")
        @Size(min = 1, max = 63)
        @ValidationRule(value = Formats.LABEL, messageExpression = Formats.NOT_A_LABEL)
        @Nullable
        String namespace) {
    public ConnectionSecret {
        format = Objects.requireNonNullElse(format, Format.ServiceBinding);
    }

    /** Which keys the Secret has: docs/connect.md lists them. */
    public enum Format {
        ServiceBinding,
        Env,
        Harness,
        Crossplane
    }
}
