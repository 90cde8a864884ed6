package dev.primacy.operator.kube;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.SystemId;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A claim as the rules see it. */
final class ClaimViews {
    /** Kubernetes 1.34 names two conditions after who failed; older ones say so in an event alone. */
    private static final Set<String> RESIZE_ERRORS = Set.of("ControllerResizeError", "NodeResizeError");

    private ClaimViews() {}

    /** @param refusal why the API server refused to let it grow */
    static ClaimView view(PersistentVolumeClaim claim, Optional<String> refusal) {
        return new ClaimView(
                claim.getMetadata().getName(),
                claim.getMetadata().getUid(),
                Optional.ofNullable(Applier.annotation(claim, Labels.SYSTEM_ID))
                        .filter(text -> !text.isBlank())
                        .map(SystemId::new)
                        .orElse(null),
                epoch(Applier.annotation(claim, Labels.EPOCH)),
                claim.getStatus() != null && "Bound".equals(claim.getStatus().getPhase()),
                claim.getMetadata().getDeletionTimestamp() != null,
                size(
                        claim.getSpec() == null || claim.getSpec().getResources() == null
                                ? null
                                : claim.getSpec().getResources().getRequests()),
                size(claim.getStatus() == null ? null : claim.getStatus().getCapacity()),
                refusal.or(() -> failure(claim)).orElse(null));
    }

    private static Optional<String> failure(PersistentVolumeClaim claim) {
        if (claim.getStatus() == null) {
            return Optional.empty();
        }
        return claim.getStatus().getConditions().stream()
                .filter(it -> RESIZE_ERRORS.contains(it.getType()) && "True".equals(it.getStatus()))
                .map(PersistentVolumeClaimCondition::getMessage)
                .findFirst();
    }

    private static String size(@Nullable Map<String, Quantity> sizes) {
        Quantity storage = sizes == null ? null : sizes.get("storage");
        return storage == null ? "" : storage.toString();
    }

    private static long epoch(@Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
