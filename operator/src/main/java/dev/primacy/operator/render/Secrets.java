package dev.primacy.operator.render;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.render.Materials.Certificate;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The cluster's own Secrets: certificates, and what the owner needs to connect. */
public final class Secrets {
    public static final String CERTIFICATE = "tls.crt";
    public static final String KEY = "tls.key";
    public static final String AUTHORITY = "ca.crt";

    private static final String TLS = "kubernetes.io/tls";

    private Secrets() {}

    static List<Secret> of(Blueprint blueprint) {
        List<Secret> secrets = new ArrayList<>(List.of(application(blueprint)));
        secrets.addAll(ofCertificates(blueprint));
        return List.copyOf(secrets);
    }

    static List<Secret> ofCertificates(Blueprint blueprint) {
        Names names = blueprint.names();
        Materials materials = blueprint.materials();
        List<Secret> secrets = new ArrayList<>();
        String key = materials.ca().key();
        if (key != null) {
            String authority = materials.ca().certificate();
            secrets.add(certificate(retained(blueprint, names.caSecret()), new Certificate(authority, key), authority));
        }
        // The server's ca.crt tells who is let in, the clients' whom they trust: the user may give another server
        // certificate.
        secrets.add(certificate(
                Metadata.owned(blueprint, names.serverSecret()),
                materials.server(),
                materials.ca().certificate()));
        secrets.add(certificate(
                Metadata.owned(blueprint, names.replicationSecret()),
                materials.replication(),
                materials.serverAuthority()));
        secrets.add(certificate(
                Metadata.owned(blueprint, names.operatorSecret()), materials.operator(), materials.serverAuthority()));
        return List.copyOf(secrets);
    }

    /** The owner's credentials; retained with the data, whose password they hold. */
    private static Secret application(Blueprint blueprint) {
        return secret(
                retained(blueprint, blueprint.names().appSecret()),
                ServiceBinding.TYPE,
                ServiceBinding.data(Connection.of(blueprint)));
    }

    /**
     * What stays with the data has no owner from the beginning: a foreground deletion (Argo CD's, say) begins with what blocks its owner's
     * deletion, before the finalizer could let it go.
     */
    private static ObjectMetaBuilder retained(Blueprint blueprint, String name) {
        return blueprint.retainsData() ? Metadata.kept(blueprint, name) : Metadata.owned(blueprint, name);
    }

    private static Secret certificate(ObjectMetaBuilder metadata, Certificate pair, String authority) {
        return secret(metadata, TLS, Map.of(CERTIFICATE, pair.certificate(), KEY, pair.key(), AUTHORITY, authority));
    }

    /** Values go into {@code data}: server-side apply cannot own what came as {@code stringData}. */
    static Secret secret(ObjectMetaBuilder metadata, String type, Map<String, String> values) {
        Map<String, String> data = new TreeMap<>();
        values.forEach((key, value) ->
                data.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        return new SecretBuilder()
                .withMetadata(metadata.build())
                .withType(type)
                .withData(data)
                .build();
    }
}
