package dev.primacy.operator.render;

import dev.primacy.api.v1.ClaimTemplate;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.List;
import java.util.Optional;

/** A member's claim. The operator makes it itself: those of a StatefulSet's templates can never grow. */
final class Claims {
    private Claims() {}

    static Optional<PersistentVolumeClaim> of(Blueprint blueprint, String member) {
        return Optional.ofNullable(blueprint.spec().storage().data().persistentVolumeClaim())
                .map(template -> claim(blueprint, member, template));
    }

    private static PersistentVolumeClaim claim(Blueprint blueprint, String member, ClaimTemplate template) {
        String name = blueprint.names().claim(member);
        ObjectMetaBuilder metadata =
                blueprint.retainsData() ? Metadata.kept(blueprint, name) : Metadata.owned(blueprint, name);
        return new PersistentVolumeClaimBuilder()
                .withMetadata(metadata.withLabels(Labels.ofMember(blueprint.names(), member))
                        .build())
                .withNewSpec()
                .withAccessModes(template.accessModes().isEmpty() ? List.of("ReadWriteOnce") : template.accessModes())
                .withVolumeMode("Filesystem")
                .withStorageClassName(template.storageClassName())
                .withNewResources()
                .addToRequests("storage", template.size())
                .endResources()
                .endSpec()
                .build();
    }
}
