package dev.primacy.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which namespaces take connection Secrets of clusters elsewhere. The label is theirs to set: whoever may write a
 * PostgresCluster in one namespace must not thereby write Secrets in another.
 */
public final class NamespaceConsent implements AutoCloseable {
    static final String LABEL = "primacy.dev/accept-secrets-from";

    private final @Nullable SharedIndexInformer<Namespace> informer;

    private NamespaceConsent(@Nullable SharedIndexInformer<Namespace> informer) {
        this.informer = informer;
    }

    /**
     * An operator that may not see namespaces sees no consent: Secrets stay in the namespaces of their clusters.
     *
     * @param changed told the namespace whose clusters gained or lost a consent
     */
    public static NamespaceConsent watch(KubernetesClient client, Consumer<String> changed) {
        if (!Permission.mayList(client.namespaces())) {
            return new NamespaceConsent(null);
        }
        SharedIndexInformer<Namespace> informer =
                client.namespaces().withLabel(LABEL).runnableInformer(0);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Namespace namespace) {
                changed.accept(accepted(namespace));
            }

            @Override
            public void onUpdate(Namespace before, Namespace namespace) {
                changed.accept(accepted(before));
                changed.accept(accepted(namespace));
            }

            @Override
            public void onDelete(Namespace namespace, boolean finalStateUnknown) {
                changed.accept(accepted(namespace));
            }
        });
        informer.start().toCompletableFuture().join();
        return new NamespaceConsent(informer);
    }

    /** Whether the object may be made for a cluster of the namespace {@code own}. */
    public boolean covers(HasMetadata object, String own) {
        String namespace = object.getMetadata().getNamespace();
        if (own.equals(namespace)) {
            return true;
        }
        Namespace found = informer == null ? null : informer.getStore().getByKey(namespace);
        return found != null && accepted(found).equals(own);
    }

    /** For a person: what is missing for these objects. */
    public List<String> words(List<HasMetadata> refused, String own) {
        String why = informer == null
                ? " is not seen to accept Secrets, since the operator may not read Namespaces; give it a ClusterRole with get,"
                        + " list and watch of namespaces"
                : " does not accept the Secrets of clusters in " + own + "; label it " + LABEL + "=" + own;
        return refused.stream()
                .map(object -> "namespace " + object.getMetadata().getNamespace() + why)
                .distinct()
                .toList();
    }

    private static String accepted(Namespace namespace) {
        @Nullable Map<String, String> labels = namespace.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault(LABEL, "");
    }

    @Override
    public void close() {
        if (informer != null) {
            informer.close();
        }
    }
}
