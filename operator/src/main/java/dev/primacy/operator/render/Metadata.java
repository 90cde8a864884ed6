package dev.primacy.operator.render;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;

/** Where an object's metadata begins. */
final class Metadata {
    private Metadata() {}

    /** Name, namespace, labels, and the cluster as the owner with which the object goes. */
    static ObjectMetaBuilder owned(Blueprint blueprint, String name) {
        return kept(blueprint, name).withOwnerReferences(owner(blueprint));
    }

    /** The same without an owner: the object stays when the cluster goes. */
    static ObjectMetaBuilder kept(Blueprint blueprint, String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(blueprint.names().namespace())
                .withLabels(Labels.of(blueprint.names()));
    }

    static OwnerReference owner(Blueprint blueprint) {
        return new OwnerReferenceBuilder()
                .withApiVersion("primacy.dev/v1")
                .withKind("PostgresCluster")
                .withName(blueprint.names().cluster())
                .withUid(blueprint.uid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }
}
