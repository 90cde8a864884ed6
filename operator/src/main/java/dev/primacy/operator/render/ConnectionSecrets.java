package dev.primacy.operator.render;

import dev.primacy.api.v1.ConnectionSecret;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The Secrets that {@code spec.connectionSecrets} asks for, each in the form that its reader expects. */
final class ConnectionSecrets {
    private ConnectionSecrets() {}

    static List<HasMetadata> of(Blueprint blueprint) {
        List<HasMetadata> objects = new ArrayList<>();
        Connection connection = Connection.of(blueprint);
        for (ConnectionSecret wanted : blueprint.spec().connectionSecrets()) {
            objects.add(Secrets.secret(
                    metadata(blueprint, wanted, wanted.name()), type(wanted.format()), data(wanted, connection)));
            if (wanted.format() == ConnectionSecret.Format.Harness) {
                objects.add(harnessOverride(blueprint, wanted, connection));
            }
        }
        return objects;
    }

    private static String type(ConnectionSecret.Format format) {
        return format == ConnectionSecret.Format.ServiceBinding ? ServiceBinding.TYPE : "Opaque";
    }

    private static Map<String, String> data(ConnectionSecret wanted, Connection connection) {
        String port = Integer.toString(connection.port());
        return switch (wanted.format()) {
            case ServiceBinding -> ServiceBinding.data(connection);
            // What Backstage's chart reads with extraEnvVarsSecrets, and the database; nothing else, since envFrom
            // takes all.
            case Env ->
                Map.of(
                        "POSTGRES_HOST", connection.host(),
                        "POSTGRES_PORT", port,
                        "POSTGRES_USER", connection.user(),
                        "POSTGRES_PASSWORD", connection.password(),
                        "POSTGRES_DB", connection.database());
            case Harness ->
                Map.of(
                        "user", connection.user(),
                        "password", connection.password(),
                        "cert", connection.authority());
            case Crossplane ->
                Map.of(
                        "endpoint", connection.host(),
                        "port", port,
                        "username", connection.user(),
                        "password", connection.password());
        };
    }

    /**
     * Values for the Harness chart. One host with its port, and no extra arguments: its templates take the first host alone, and
     * append sslmode to extra arguments with a space.
     */
    private static ConfigMap harnessOverride(Blueprint blueprint, ConnectionSecret wanted, Connection connection) {
        String name = wanted.name() + "-override";
        String values = """
                global:
                  database:
                    postgres:
                      installed: false
                      protocol: postgres
                      hosts: ["%s:%d"]
                      secretName: %s
                      userKey: user
                      passwordKey: password
                      extraArgs: ""
                      sslMode: require
                      certName: %s
                      certKey: cert
                """.formatted(connection.host(), connection.port(), wanted.name(), wanted.name());
        return new ConfigMapBuilder()
                .withMetadata(metadata(blueprint, wanted, name).build())
                .withData(Map.of("override.yaml", values))
                .build();
    }

    /** An owner in another namespace would have the garbage collector delete the object: there, labels tell whose it is. */
    private static ObjectMetaBuilder metadata(Blueprint blueprint, ConnectionSecret wanted, String name) {
        String own = blueprint.names().namespace();
        String namespace = Objects.requireNonNullElse(wanted.namespace(), own);
        if (namespace.equals(own)) {
            return Metadata.owned(blueprint, name);
        }
        return Metadata.kept(blueprint, name).withNamespace(namespace).addToLabels(Labels.CLUSTER_NAMESPACE, own);
    }
}
