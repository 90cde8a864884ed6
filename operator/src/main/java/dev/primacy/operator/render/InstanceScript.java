package dev.primacy.operator.render;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The script that runs as PID 1 of every member. Its ConfigMap has the script's hash in its name: pods that run keep the one they
 * started with, and an upgrade of the operator restarts nothing.
 */
public final class InstanceScript {
    static final String FILE = "instance.sh";

    private InstanceScript() {}

    /** The script that belongs to this operator. */
    public static String load() {
        try (InputStream script = InstanceScript.class.getResourceAsStream(FILE)) {
            if (script == null) {
                throw new IllegalStateException("the operator was built without " + FILE + "; build it anew");
            }
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + FILE + " from the operator's own archive", e);
        }
    }

    static String configMapName(Blueprint blueprint) {
        return blueprint.names().cluster() + "-script-"
                + Hash.of(blueprint.script()).substring(0, 8);
    }

    static ConfigMap configMap(Blueprint blueprint) {
        return new ConfigMapBuilder()
                .withMetadata(
                        Metadata.owned(blueprint, configMapName(blueprint)).build())
                .withImmutable(true)
                .withData(Map.of(FILE, blueprint.script()))
                .build();
    }
}
