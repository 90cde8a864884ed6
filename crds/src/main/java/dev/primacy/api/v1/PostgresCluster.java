package dev.primacy.api.v1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.Labels;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** One primary/replica PostgreSQL cluster. */
@Group("primacy.dev")
@Version("v1")
@Kind("PostgresCluster")
@Plural("postgresclusters")
@ShortNames("pgc")
@Labels("servicebinding.io/provisioned-service=true")
@AdditionalPrinterColumn(name = "Instances", jsonPath = ".spec.instances", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.readyInstances",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Status", jsonPath = ".status.phase", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Primary", jsonPath = ".status.primary", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Version",
        jsonPath = ".spec.postgresVersion",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Lag",
        jsonPath = ".status.lagBytes",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.reason",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@ValidationRule(
        value = "self.metadata.name.size() <= 49",
        messageExpression =
                "'the name \"%s\" has %s characters, too many for the names that are made from it: write at most 49'"
                        + ".format([self.metadata.name, self.metadata.name.size()])",
        message = "the name has too many characters for the names that are made from it: write at most 49")
@ValidationRule(
        value = "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        messageExpression =
                "'the name \"%s\" does not do for a Service: begin with a letter, and write lower-case letters, digits and"
                        + " hyphens alone'.format([self.metadata.name])",
        message = "the name must begin with a letter and have lower-case letters, digits and hyphens alone")
@ValidationRule(
        value = "!has(self.spec.connectionSecrets) || !self.spec.connectionSecrets.exists(s, "
                + PostgresCluster.OWN_SECRET + ")",
        messageExpression =
                "'%s: a Secret of this name is made by the operator for itself: write another name in connectionSecrets, "
                        + "such as %s-client'.format([self.spec.connectionSecrets.filter(s, "
                        + PostgresCluster.OWN_SECRET
                        + ").map(s, s.name), self.metadata.name])",
        message = "connectionSecrets has a name that the operator uses itself: write another")
@ValidationRule(
        value = "!has(self.spec.passwordSecretRef) || self.spec.passwordSecretRef.name != self.metadata.name + '-app'",
        messageExpression = "'passwordSecretRef names %s, which the operator writes itself: give your Secret another "
                + "name'.format([self.spec.passwordSecretRef.name])",
        message = "passwordSecretRef names a Secret that the operator writes itself: give yours another name")
@ValidationRule(
        value = "!has(self.spec.tls) || !has(self.spec.tls.caSecretRef) || !" + PostgresCluster.OWN_SECRETS
                + ".exists(x, self.spec.tls.caSecretRef == self.metadata.name + x)",
        messageExpression =
                "'tls.caSecretRef names %s, which the operator writes itself: give your Secret another name'.format([self.spec.tls.caSecretRef])",
        message = "tls.caSecretRef names a Secret that the operator writes itself: give yours another name")
@ValidationRule(
        value = "!has(self.spec.tls) || !has(self.spec.tls.serverSecretRef) || !" + PostgresCluster.OWN_SECRETS
                + ".exists(x, self.spec.tls.serverSecretRef == self.metadata.name + x)",
        messageExpression =
                "'tls.serverSecretRef names %s, which the operator writes itself: give your Secret another name'.format([self.spec.tls.serverSecretRef])",
        message = "tls.serverSecretRef names a Secret that the operator writes itself: give yours another name")
public class PostgresCluster extends CustomResource<PostgresClusterSpec, PostgresClusterStatus> implements Namespaced {
    /** CEL list: how the Secrets that the operator keeps for itself go on after the cluster's name. */
    static final String OWN_SECRETS = "['-app', '-ca', '-client-ca', '-tls', '-server', '-operator', '-replication']";

    /** CEL condition over a connection secret {@code s}: it would be one of these. */
    static final String OWN_SECRET = "s.name.startsWith(self.metadata.name) && " + OWN_SECRETS
            + ".exists(x, s.name.endsWith(x) && s.name.size() == self.metadata.name.size() + x.size())";
}
