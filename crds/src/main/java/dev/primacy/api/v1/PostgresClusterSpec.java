package dev.primacy.api.v1;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the user wants. The operator never writes it. */
public record PostgresClusterSpec(
        @Nullable Integer instances,
        @Nullable Integer postgresVersion,
        @Nullable String image,
        @Nullable Profile profile,
        @Nullable Integer port,
        @Nullable Storage storage,
        @Nullable PostgresqlConfiguration postgresql,
        List<AccessRule> access,
        @Nullable Replication replication,
        @Nullable Bootstrap bootstrap,
        @Nullable SecretKeyReference passwordSecretRef,
        List<ConnectionSecret> connectionSecrets,
        @Nullable ClusterServices services,
        @Nullable PodOptions pod,
        @Nullable Tls tls,
        @Nullable Integer ttlSecondsAfterCreation,
        @Nullable Boolean paused,
        @Nullable DeletionPolicy deletionPolicy) {

    public PostgresClusterSpec {
        access = access == null ? List.of() : List.copyOf(access);
        connectionSecrets = connectionSecrets == null ? List.of() : List.copyOf(connectionSecrets);
    }
}
