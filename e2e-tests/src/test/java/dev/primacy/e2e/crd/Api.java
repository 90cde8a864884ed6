package dev.primacy.e2e.crd;

import dev.primacy.testbed.Cluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * An API server that has the definition, and a namespace in it. With {@code -Dprimacy.kubernetes=<folder with kube-apiserver>}, as
 * {@code ./dev test crd} gives it, it is a bare one of this run; otherwise that of the test bed or of {@code --context}. One serves all
 * test classes.
 *
 * @param bare the server to stop at the end, if it is this run's own
 */
record Api(
        KubernetesClient client, String namespace, @Nullable BareApiServer bare) implements AutoCloseable {
    /** Who applied the definition; another would be in conflict with the same file, since the API server fills in spec.versions. */
    static final String MANAGER = "crd-test";

    static final Path DEFINITION = Path.of("../crds/postgresclusters.primacy.dev-v1.yaml");

    private static Api open() throws IOException {
        String folder = System.getProperty("primacy.kubernetes", "");
        BareApiServer bare = folder.isBlank() ? null : BareApiServer.start(Path.of(folder, "kube-apiserver"));
        KubernetesClient client = bare == null ? Cluster.current().client() : bare.client();
        String namespace = "crd-" + UUID.randomUUID().toString().substring(0, 8);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        Api api = new Api(client, namespace, bare);
        api.define();
        return api;
    }

    private void define() throws IOException {
        GenericKubernetesResource definition = Manifests.read(DEFINITION).getFirst();
        applyWhereItBelongs(definition, MANAGER);
        Resource<CustomResourceDefinition> live = client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(definition.getMetadata().getName());
        Awaitility.await("the definition is established")
                .atMost(Duration.ofSeconds(30))
                .until(() -> live.get().getStatus().getConditions().stream()
                        .anyMatch(condition ->
                                "Established".equals(condition.getType()) && "True".equals(condition.getStatus())));
    }

    Resource<GenericKubernetesResource> resource(GenericKubernetesResource manifest) {
        return client.resource(manifest).inNamespace(namespace);
    }

    /** As {@code kubectl create --dry-run=server}: everything is checked, nothing is kept. */
    GenericKubernetesResource tryCreate(GenericKubernetesResource manifest) {
        return resource(manifest).dryRun().fieldValidation(Validation.STRICT).create();
    }

    GenericKubernetesResource create(GenericKubernetesResource manifest) {
        return resource(manifest).fieldValidation(Validation.STRICT).create();
    }

    /** Server-side apply; the caller names itself, as every manager of fields does. */
    GenericKubernetesResource apply(GenericKubernetesResource manifest, String manager) {
        return resource(manifest).patch(strictApply(manager));
    }

    /** The same in the namespace that the manifest names, or in none. */
    GenericKubernetesResource applyWhereItBelongs(GenericKubernetesResource manifest, String manager) {
        return client.resource(manifest).patch(strictApply(manager));
    }

    private static PatchContext strictApply(String manager) {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(manager)
                .withFieldValidation("Strict")
                .build();
    }

    @Override
    public void close() {
        client.namespaces().withName(namespace).delete();
        client.close();
        if (bare != null) {
            bare.close();
        }
    }

    /** Hands the one {@link Api} of the run to whatever test asks for it. */
    static final class Provided implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Api.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .computeIfAbsent(Api.class, key -> openUnchecked(), Api.class);
        }

        private static Api openUnchecked() {
            try {
                return open();
            } catch (IOException e) {
                throw new IllegalStateException("no API server to test against: " + e.getMessage(), e);
            }
        }
    }
}
