package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * @param serverSecretRef name of a kubernetes.io/tls Secret with tls.crt, tls.key and ca.crt for the server
 * @param caSecretRef name of a kubernetes.io/tls Secret with the CA's tls.crt and tls.key, from which the operator issues
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Tls(
        @JsonPropertyDescription(
                "Name of a Secret of type kubernetes.io/tls with tls.crt, tls.key and ca.crt, used as the server's certificate; its"
                        + " names must cover the Services. A renewed one is loaded without a restart. Absent:"
                        + " issued by the operator.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Formats.SUBDOMAIN, messageExpression = Formats.NOT_A_SUBDOMAIN)
        @Nullable
        String serverSecretRef,

        @JsonPropertyDescription("Name of a Secret of type kubernetes.io/tls with tls.crt and tls.key of a CA, such as"
                + " cert-manager makes, from which"
                + " the operator issues the cluster's certificates. Absent: a CA of the cluster's own, in"
                + " the Secret <name>-ca.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Formats.SUBDOMAIN, messageExpression = Formats.NOT_A_SUBDOMAIN)
        @Nullable
        String caSecretRef) {
    static final Tls DEFAULT = new Tls(null, null);
}
