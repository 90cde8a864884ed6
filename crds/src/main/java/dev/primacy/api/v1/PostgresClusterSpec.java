package dev.primacy.api.v1;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants. The operator never writes it. The API server fills in the defaults that the CRD declares; the
 * constructors repeat them, so that a resource older than a field reads the same.
 */
public record PostgresClusterSpec(
        Integer instances,
        Integer postgresVersion,
        @Nullable String image,
        Profile profile,
        Integer port,
        Storage storage,
        PostgresqlConfiguration postgresql,
        List<AccessRule> access,
        Replication replication,
        Bootstrap bootstrap,
        @Nullable SecretKeyReference passwordSecretRef,
        List<ConnectionSecret> connectionSecrets,
        ClusterServices services,
        PodOptions pod,
        Tls tls,
        @Nullable Integer ttlSecondsAfterCreation,
        Boolean paused,
        DeletionPolicy deletionPolicy) {

    public PostgresClusterSpec {
        instances = Objects.requireNonNullElse(instances, 1);
        postgresVersion = Objects.requireNonNullElse(postgresVersion, 17);
        profile = Objects.requireNonNullElse(profile, Profile.Production);
        port = Objects.requireNonNullElse(port, 5432);
        storage = Objects.requireNonNullElse(storage, Storage.DEFAULT);
        postgresql = Objects.requireNonNullElse(postgresql, PostgresqlConfiguration.DEFAULT);
        access = access == null ? List.of() : List.copyOf(access);
        replication = Objects.requireNonNullElse(replication, Replication.DEFAULT);
        bootstrap = Objects.requireNonNullElse(bootstrap, Bootstrap.DEFAULT);
        connectionSecrets = connectionSecrets == null ? List.of() : List.copyOf(connectionSecrets);
        services = Objects.requireNonNullElse(services, ClusterServices.DEFAULT);
        pod = Objects.requireNonNullElse(pod, PodOptions.DEFAULT);
        tls = Objects.requireNonNullElse(tls, Tls.DEFAULT);
        paused = Objects.requireNonNullElse(paused, false);
        deletionPolicy = Objects.requireNonNullElse(deletionPolicy, DeletionPolicy.Retain);
    }
}
