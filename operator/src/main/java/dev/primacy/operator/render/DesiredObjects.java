package dev.primacy.operator.render;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every object of a cluster, in the order in which they are to be applied. */
public final class DesiredObjects {
    private DesiredObjects() {}

    /**
     * Services come first – a client that asks for a name too early keeps the "no such name" for seconds – and what a pod mounts
     * comes before the pod. Each object carries {@link Labels#HASH}.
     */
    public static List<HasMetadata> of(Blueprint blueprint) {
        List<HasMetadata> objects = new ArrayList<>();
        objects.addAll(Services.of(blueprint));
        objects.addAll(Secrets.of(blueprint));
        objects.addAll(ConnectionSecrets.of(blueprint));
        objects.add(Configuration.of(blueprint).configMap(blueprint));
        objects.add(InstanceScript.configMap(blueprint));
        NetworkPolicies.of(blueprint).ifPresent(objects::add);
        PodDisruptionBudgets.of(blueprint).ifPresent(objects::add);
        for (String member : blueprint.facts().members()) {
            Claims.of(blueprint, member).ifPresent(objects::add);
            objects.add(StatefulSets.of(blueprint, member));
        }
        objects.forEach(DesiredObjects::stamp);
        return List.copyOf(objects);
    }

    /**
     * What is applied while the cluster is paused: certificates and the configuration by which servers notice them. They expire whoever
     * pauses.
     */
    public static List<HasMetadata> ofPaused(Blueprint blueprint, Configuration kept) {
        List<HasMetadata> objects = new ArrayList<>(Secrets.ofCertificates(blueprint));
        objects.add(kept.configMap(blueprint));
        objects.forEach(DesiredObjects::stamp);
        return List.copyOf(objects);
    }

    /** The hash is of the object without it. */
    private static void stamp(HasMetadata object) {
        String hash = Hash.ofObject(object);
        Map<String, String> annotations = new LinkedHashMap<>();
        if (object.getMetadata().getAnnotations() != null) {
            annotations.putAll(object.getMetadata().getAnnotations());
        }
        annotations.put(Labels.HASH, hash);
        object.getMetadata().setAnnotations(annotations);
    }
}
