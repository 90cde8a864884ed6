package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants. The operator never writes it. The API server fills in the defaults that the CRD declares; the
 * constructors repeat them, so that a resource older than a field reads the same.
 */
@ValidationRule(
        value = "self.profile == 'Ephemeral' || has(self.storage)",
        message =
                "a Production cluster must say where its data lives: write storage: {data: {persistentVolumeClaim: {size: 10Gi}}};"
                        + " or storage: {data: {emptyDir: {}}} for data that may be lost; or profile: Ephemeral for CI")
@ValidationRule(
        value = "self.profile != 'Ephemeral' || self.instances == 1",
        messageExpression = "'an Ephemeral cluster has one member, not %s: write instances: 1, or profile: "
                + "Production'.format([self.instances])",
        message = "an Ephemeral cluster has one member: write instances: 1, or profile: Production")
@ValidationRule(
        value = "self.profile != 'Ephemeral' || !has(self.storage) || !has(self.storage.data.persistentVolumeClaim)",
        message = "an Ephemeral cluster runs without fsync, so its files are of no use after a crash: remove"
                + " storage.data.persistentVolumeClaim, or write profile: Production")
@ValidationRule(
        value = "self.replication.mode != 'Synchronous' || self.instances > 1",
        message =
                "a Synchronous cluster needs a standby to wait for, and instances is 1: write instances: 2 or more, or"
                        + " replication.mode: Asynchronous")
@ValidationRule(
        value = "self.replication.mode != 'Synchronous' || self.instances == 1"
                + " || self.replication.synchronousStandbys < self.instances",
        messageExpression =
                "'synchronousStandbys %s is more than the %s standbys that %s instances have: write at most %s, or more "
                        + "instances'.format([self.replication.synchronousStandbys, self.instances - 1, self.instances, "
                        + "self.instances - 1])",
        message = "synchronousStandbys must be less than instances")
@ValidationRule(
        value = "self.replication.mode != 'Synchronous' || !has(self.postgresql) || !has(self.postgresql.parameters)"
                + " || !('synchronous_commit' in self.postgresql.parameters)"
                + " || self.postgresql.parameters['synchronous_commit'].lowerAscii() in "
                + OwnedParameters.WAITING_COMMITS,
        messageExpression =
                "'synchronous_commit %s acknowledges a commit before a standby has flushed it, and replication.mode "
                        + "Synchronous promises that it has: remove it, or write on or remote_apply, or replication.mode: "
                        + "Asynchronous; a role or a transaction that can do without may still set it for "
                        + "itself'.format([self.postgresql.parameters['synchronous_commit']])",
        message =
                "with replication.mode Synchronous, synchronous_commit must be on or remote_apply, so that a standby has flushed what"
                        + " is acknowledged; a role or a transaction may still set another for itself")
@ValidationRule(
        value = "self.profile == oldSelf.profile",
        messageExpression =
                "'profile cannot change from %s to %s: the data was written under the other one\\'s guarantees; put it "
                        + "back, or move the data into a new cluster'.format([oldSelf.profile, self.profile])",
        message = "profile cannot change: put it back, or move the data into a new cluster")
@ValidationRule(
        value = "self.postgresVersion == oldSelf.postgresVersion",
        messageExpression =
                "'postgresVersion cannot change from %s to %s: another major version does not read these files; put it "
                        + "back, or move the data by pg_dump into a new cluster'.format([oldSelf.postgresVersion, "
                        + "self.postgresVersion])",
        message = "postgresVersion cannot change: put it back, or move the data by pg_dump into a new cluster")
@ValidationRule(
        value = "self.port == oldSelf.port",
        messageExpression =
                "'port cannot change from %s to %s: members that replicate from each other must agree on it at all times; "
                        + "put it back, or make a new cluster'.format([oldSelf.port, self.port])",
        message = "port cannot change: put it back, or make a new cluster")
@ValidationRule(
        value = "self.bootstrap == oldSelf.bootstrap",
        message =
                "bootstrap cannot change, it tells how the data came to be: put it back, change the running database by SQL,"
                        + " or make a new cluster")
@ValidationRule(
        value = "has(self.storage) == has(oldSelf.storage)",
        message = "storage cannot be added to or removed from a cluster: put it back, or make a new cluster")
@ValidationRule(
        value = "self.postgresVersion >= 16 || !has(self.access)"
                + " || !self.access.exists(a, has(a.databases) && a.databases.exists(d, d.startsWith('/')))",
        message =
                "regular expressions in access[].databases need PostgreSQL 16 or newer, and postgresVersion is 15: write names, or"
                        + " leave databases out")
@ValidationRule(
        value = "!has(self.image) || self.image.matches('(:[a-zA-Z0-9_][-a-zA-Z0-9_.]{0,127}|@sha256:[a-f0-9]{64})$')",
        messageExpression =
                "'image %s has neither tag nor digest, so what it means may change at any restart: write %s:%s, say, or a "
                        + "digest'.format([self.image, self.image, self.postgresVersion])",
        message = "image has neither tag nor digest: write one")
@ValidationRule(
        value = "!has(self.image) || !self.image.endsWith(':latest')",
        messageExpression = "'image %s may become another major version at any restart: write the tag %s, say, or a "
                + "digest'.format([self.image, self.postgresVersion])",
        message = "tag latest may become another major version at any restart: write the version, or a digest")
@ValidationRule(
        value = "!has(self.image) || !self.image.matches('(^|/)postgres:[0-9]')"
                + " || (self.postgresVersion == 15 && self.image.matches('(^|/)postgres:15([^0-9]|$)'))"
                + " || (self.postgresVersion == 16 && self.image.matches('(^|/)postgres:16([^0-9]|$)'))"
                + " || (self.postgresVersion == 17 && self.image.matches('(^|/)postgres:17([^0-9]|$)'))"
                + " || (self.postgresVersion == 18 && self.image.matches('(^|/)postgres:18([^0-9]|$)'))",
        messageExpression =
                "'image %s is not of postgresVersion %s: make the two agree'.format([self.image, self.postgresVersion])",
        message = "image is not of postgresVersion: make the two agree")
@ValidationRule(
        value = "!has(self.connectionSecrets)"
                + " || self.connectionSecrets.all(s, !has(s.role) || s.role == self.bootstrap.initdb.owner)",
        messageExpression =
                "'connectionSecrets can carry the owner\\'s credentials alone so far: write role: %s, or leave role "
                        + "out'.format([self.bootstrap.initdb.owner])",
        message = "connectionSecrets can carry the owner's credentials alone so far: leave role out")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PostgresClusterSpec(
        @JsonPropertyDescription(
                "Number of members: one primary, the others its standbys; 1 to 9. Three survive the loss of one and stay"
                        + " redundant. Default: 1.")
        @Default("1")
        @Min(1)
        @Max(9)
        Integer instances,

        @JsonPropertyDescription("PostgreSQL's major version, 15 to 18. Cannot be changed. Default: 17.")
        @Default("17")
        @Min(15)
        @Max(18)
        @SelectableField
        Integer postgresVersion,

        @JsonPropertyDescription(
                "Image to run in place of the operator's choice for postgresVersion: of that major version, built like the"
                        + " official postgres image, with a tag or digest. A change restarts the members. Absent:"
                        + " the operator's choice.")
        @Size(min = 1, max = 512)
        @ValidationRule(value = Formats.IMAGE, messageExpression = Formats.NOT_AN_IMAGE)
        @Nullable
        String image,

        @JsonPropertyDescription(
                "Production: durable and, with two or more instances, highly available. Ephemeral: for CI; one member on emptyDir"
                        + " without fsync, ready in seconds, whose data does not outlive its pod. Cannot be"
                        + " changed. Default: Production.")
        @Default("Production")
        @SelectableField
        Profile profile,

        @JsonPropertyDescription(
                "TCP port of PostgreSQL and of its Services, 1024 to 65535. Each cluster has names of its own, so two need not"
                        + " differ in it. Cannot be changed. Default: 5432.")
        @Default("5432")
        @Min(1024)
        @Max(65535)
        Integer port,

        @JsonPropertyDescription(
                "Where the data lives. Required for profile Production. Absent with Ephemeral: emptyDir.")
        Storage storage,

        @JsonPropertyDescription("PostgreSQL's own settings.")
        PostgresqlConfiguration postgresql,

        @JsonPropertyDescription(
                "Who may connect. Empty or absent: everybody in reach, with TLS and a password. Otherwise only"
                        + " the peers listed, the members and the operator: as a NetworkPolicy (where the network plugin"
                        + " enforces those) and in pg_hba.conf, where rules that reject come first and the others follow"
                        + " in their order; the first that matches decides.")
        @Size(max = 64)
        List<AccessRule> access,

        @JsonPropertyDescription("How standbys follow the primary.") @Default("{}")
        Replication replication,

        @JsonPropertyDescription(
                "How the data comes to be, once in the cluster's life. Cannot be changed. Default: initdb with its defaults.")
        @Default("{\"initdb\": {}}")
        Bootstrap bootstrap,

        @JsonPropertyDescription(
                "The owner's password, from a Secret of yours. When it changes, so does the password, without a"
                        + " restart. Letters and"
                        + " digits alone are wise: some clients paste it into URLs. Absent: generated, in the Secret <name>-app.")
        @Nullable
        SecretKeyReference passwordSecretRef,

        @JsonPropertyDescription(
                "Secrets for clients, kept up to date by the operator beside <name>-app, in the formats that they expect.")
        @Size(max = 16)
        List<ConnectionSecret> connectionSecrets,

        @JsonPropertyDescription("How the Services are exposed. Absent: within Kubernetes.")
        ClusterServices services,

        @JsonPropertyDescription("How the members' pods are placed and sized.")
        PodOptions pod,

        @JsonPropertyDescription(
                "Certificates. TLS is always on. Absent: a CA and certificates of the cluster's own, renewed by the operator.")
        Tls tls,

        @JsonPropertyDescription(
                "Seconds after its creation when the cluster is deleted, for CI; 10 to 31536000 (a year). What"
                        + " becomes of its claims"
                        + " is for deletionPolicy to say. Not while paused. Absent: never.")
        @Min(10)
        @Max(31536000)
        @Nullable
        Integer ttlSecondsAfterCreation,

        @JsonPropertyDescription(
                "Whether changes of this spec (all but replication, which is in force at once), and repairs of what was changed by hand,"
                        + " wait. What keeps the cluster available goes on: failover, rejoining members, routing, the renewal of certificates. Default: false.")
        @Default("false")
        Boolean paused,

        @JsonPropertyDescription(
                "What becomes of the PersistentVolumeClaims and of the owner's password when the cluster is deleted or a member"
                        + " removed. Retain: they stay, and a cluster applied again under this name takes them up;"
                        + " on emptyDir there is nothing to keep, and the password goes, too. Delete: they go. Default: Retain.")
        @Default("Retain")
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
