package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who may connect: a network range, or pods by selectors; to which databases, as which roles, and how. */
public record AccessRule(
        String name,
        @Nullable String cidr,
        @Nullable LabelSelector podSelector,
        @Nullable LabelSelector namespaceSelector,
        List<String> databases,
        List<String> roles,
        TlsRequirement tls,
        Method method) {

    public AccessRule {
        tls = Objects.requireNonNullElse(tls, TlsRequirement.Require);
        method = Objects.requireNonNullElse(method, Method.SCRAM_SHA_256);
        databases = databases == null ? List.of() : List.copyOf(databases);
        roles = roles == null ? List.of() : List.copyOf(roles);
    }

    /** Whether a connection without TLS is accepted. */
    public enum TlsRequirement {
        Require,
        Allow
    }

    /** PostgreSQL's own names of authentication methods. */
    public enum Method {
        @JsonProperty("scram-sha-256")
        SCRAM_SHA_256,
        @JsonProperty("cert")
        CERT,
        @JsonProperty("reject")
        REJECT
    }
}
