package dev.primacy.operator.render;

import org.jspecify.annotations.Nullable;

/**
 * The secret values of a cluster. They were drawn once, or come from Secrets that the user names, and are kept in the cluster's
 * own Secrets.
 *
 * @param ca the authority that signs the client certificates, and the server's unless the user gives one; its key is null when the
 *     user keeps the authority in a Secret of their own, which then is not copied
 * @param serverAuthority PEM of the authority of the server's certificate: the same as {@code ca}, unless the user gives the server
 *     certificate. It is for clients alone: whoever it certifies must not thereby be let in
 * @param server the server's certificate
 * @param replication of the role primacy_replica
 * @param operator of the role primacy
 * @param password of the owner
 */
public record Materials(
        Authority ca,
        String serverAuthority,
        Certificate server,
        Certificate replication,
        Certificate operator,
        String password) {

    /** PEM texts. */
    public record Authority(String certificate, @Nullable String key) {
        @Override
        public String toString() {
            return "Authority[…]";
        }
    }

    /** PEM texts: the certificate with its intermediates, and its private key. */
    public record Certificate(String certificate, String key) {
        @Override
        public String toString() {
            return "Certificate[…]";
        }
    }

    /** Says nothing: records find their way into logs. */
    @Override
    public String toString() {
        return "Materials[…]";
    }
}
