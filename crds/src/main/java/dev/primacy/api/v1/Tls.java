package dev.primacy.api.v1;

import org.jspecify.annotations.Nullable;

/**
 * @param serverSecretRef name of a kubernetes.io/tls Secret with tls.crt, tls.key and ca.crt for the server
 * @param caSecretRef name of a kubernetes.io/tls Secret with the CA's tls.crt and tls.key, from which the operator issues
 */
public record Tls(
        @Nullable String serverSecretRef, @Nullable String caSecretRef) {
    static final Tls DEFAULT = new Tls(null, null);
}
