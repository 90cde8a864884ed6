package dev.primacy.e2e.crd;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The manifests under examples/, and small ones that tests write themselves. */
final class Manifests {
    static final Path EXAMPLES = Path.of("../examples");

    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private Manifests() {}

    /** The files of a folder, by name. */
    static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    static List<GenericKubernetesResource> read(Path file) throws IOException {
        return Arrays.stream(Files.readString(file).split("(?m)^---$"))
                .filter(document -> document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                .map(Manifests::parse)
                .toList();
    }

    static GenericKubernetesResource parse(String yaml) {
        return YAML.unmarshal(yaml, GenericKubernetesResource.class);
    }

    /** A PostgresCluster with this spec, in YAML. */
    static GenericKubernetesResource cluster(String name, String spec) {
        return parse("""
                apiVersion: primacy.dev/v1
                kind: PostgresCluster
                metadata:
                  name: %s
                spec:
                """.formatted(name) + spec.indent(2));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> spec(GenericKubernetesResource resource) {
        return (Map<String, Object>)
                Objects.requireNonNull(resource.getAdditionalProperties().get("spec"));
    }

    /** The manifest with {@code paused: true}, so that an operator that watches the server leaves it alone. */
    static GenericKubernetesResource paused(GenericKubernetesResource manifest) {
        spec(manifest).put("paused", true);
        return manifest;
    }
}
