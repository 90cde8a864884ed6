package dev.primacy.e2e.harness;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A namespace of a test's own, under the restricted Pod Security Standard; it goes when the test ends. */
public final class Space implements AutoCloseable {
    static final String LABEL = "primacy-e2e";
    private static final int LONGEST = 54;

    private static final PatchContext AS_USER = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("user")
            .withForce(true)
            .withFieldValidation("Strict")
            .build();

    private final Site site;
    private final String name;
    private final List<Runnable> closing = new CopyOnWriteArrayList<>();
    private boolean kept;

    private Space(Site site, String name) {
        this.site = site;
        this.name = name;
    }

    public static Space create(Site site, String title) {
        String words = title.replaceAll("[^a-z0-9]+", "-");
        String name = words.substring(0, Math.min(LONGEST, words.length())) + "-"
                + UUID.randomUUID().toString().substring(0, 6);
        site.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(Map.of(LABEL, "true", "pod-security.kubernetes.io/enforce", "restricted"))
                        .endMetadata()
                        .build())
                .create();
        return new Space(site, name);
    }

    public String name() {
        return name;
    }

    public Site site() {
        return site;
    }

    public KubernetesClient client() {
        return site.client();
    }

    /** A namespace beside this one, for tests that need two. It goes with its own {@link #close}. */
    public Space another() {
        return create(site, name.replaceAll("-[0-9a-f]{6}$", "") + "-b");
    }

    /** Applies a PostgresCluster as {@code kubectl apply --server-side} does; what the CRD fills in, the API server fills in. */
    public Cluster apply(String cluster, String spec) {
        return apply(cluster, spec, Map.of());
    }

    public Cluster apply(String cluster, String spec, Map<String, String> labels) {
        var manifest = new HashMap<String, Object>();
        manifest.put("apiVersion", "primacy.dev/v1");
        manifest.put("kind", "PostgresCluster");
        manifest.put("metadata", Map.of("name", cluster, "labels", labels));
        manifest.put("spec", Serialization.unmarshal(spec, Map.class));
        GenericKubernetesResource resource =
                Serialization.unmarshal(Serialization.asJson(manifest), GenericKubernetesResource.class);
        client().resource(resource).inNamespace(name).patch(AS_USER);
        return new Cluster(this, cluster);
    }

    /** Applies any manifest of one document. */
    public void applyManifest(String yaml) {
        client().resource(yaml).inNamespace(name).patch(AS_USER);
    }

    /** Makes or changes a Secret of the user's own. */
    public void secret(String secret, String type, Map<String, String> values) {
        var manifest = Map.of(
                "apiVersion",
                "v1",
                "kind",
                "Secret",
                "metadata",
                Map.of("name", secret),
                "type",
                type,
                "stringData",
                values);
        applyManifest(Serialization.asYaml(manifest));
    }

    /** The decoded values of a Secret, which must exist. */
    public Map<String, String> secretData(String secret) {
        Secret there = Objects.requireNonNull(
                client().secrets().inNamespace(name).withName(secret).get(), "there is no Secret " + secret);
        Map<String, String> values = new HashMap<>();
        there.getData()
                .forEach((key, value) ->
                        values.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        return values;
    }

    /** Everything in the namespace that the operator could have made for a cluster, as {@code Kind/name}. */
    public List<String> objectsOf(String cluster) {
        Map<String, String> labels = Map.of("primacy.dev/cluster", cluster);
        KubernetesClient client = client();
        return Stream.of(
                        client.apps()
                                .statefulSets()
                                .inNamespace(name)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.pods()
                                .inNamespace(name)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.services()
                                .inNamespace(name)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.configMaps()
                                .inNamespace(name)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.secrets()
                                .inNamespace(name)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.persistentVolumeClaims()
                                .inNamespace(name)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(name)
                                .withLabels(labels)
                                .list()
                                .getItems(),
                        client.network()
                                .v1()
                                .networkPolicies()
                                .inNamespace(name)
                                .withLabels(labels)
                                .list()
                                .getItems())
                .flatMap(List::stream)
                .map(HasMetadata.class::cast)
                .map(object -> object.getKind() + "/" + object.getMetadata().getName())
                .sorted()
                .toList();
    }

    /** What has to end with this namespace, and harmless if it has ended before. */
    void whenClosing(Runnable end) {
        closing.add(end);
    }

    /** With {@code -Dprimacy.keep=true} a failed test's namespace stays, to be looked at. */
    void keepIfAsked() {
        kept = Boolean.getBoolean("primacy.keep");
    }

    @Override
    public void close() {
        closing.forEach(Runnable::run);
        if (!kept) {
            client().namespaces().withName(name).delete();
        }
    }
}
