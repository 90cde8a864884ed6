package dev.primacy.operator.kube;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.Growth;
import dev.primacy.operator.model.SystemId;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A claim as the rules see it. */
final class ClaimViews {
    /**
     * Conditions that name who failed: since Kubernetes 1.32, where RecoverVolumeExpansionFailure is on by default. Older ones say so
     * in an event alone, and to the claim the volume still grows.
     */
    private static final Set<String> RESIZE_ERRORS = Set.of("ControllerResizeError", "NodeResizeError");

    private static final String FILE_SYSTEM_PENDING = "FileSystemResizePending";
    private static final String STORAGE = "storage";
    private static final String BOUND = "Bound";

    private ClaimViews() {}

    static ClaimView view(PersistentVolumeClaim claim) {
        return new ClaimView(
                claim.getMetadata().getName(),
                claim.getMetadata().getUid(),
                Optional.ofNullable(Applier.annotation(claim, Labels.SYSTEM_ID))
                        .filter(text -> !text.isBlank())
                        .map(SystemId::new)
                        .orElse(null),
                epoch(Applier.annotation(claim, Labels.EPOCH)),
                growth(claim),
                unbound(claim));
    }

    private static ClaimView.@Nullable Unbound unbound(PersistentVolumeClaim claim) {
        String phase = claim.getStatus() == null || claim.getStatus().getPhase() == null
                ? ClaimView.Unbound.PENDING
                : claim.getStatus().getPhase();
        return phase.equals(BOUND)
                ? null
                : new ClaimView.Unbound(
                        phase,
                        claim.getSpec() == null || "".equals(claim.getSpec().getStorageClassName())
                                ? null
                                : claim.getSpec().getStorageClassName());
    }

    /** A volume that is bound has at least what was asked for then: if it has less, the wish is newer. */
    private static @Nullable Growth growth(PersistentVolumeClaim claim) {
        PersistentVolumeClaimStatus status =
                Objects.requireNonNullElseGet(claim.getStatus(), PersistentVolumeClaimStatus::new);
        Quantity has = storage(status.getCapacity());
        Quantity asked = claim.getSpec() == null || claim.getSpec().getResources() == null
                ? null
                : storage(claim.getSpec().getResources().getRequests());
        if (has == null || asked == null || has.getNumericalAmount().compareTo(asked.getNumericalAmount()) >= 0) {
            return null;
        }
        return growth(has.toString(), asked.toString(), status);
    }

    private static Growth growth(String has, String asked, PersistentVolumeClaimStatus status) {
        // An error stands until the volume has grown, while it is tried again as well.
        String resource = status.getAllocatedResourceStatuses() == null
                ? ""
                : status.getAllocatedResourceStatuses().getOrDefault(STORAGE, "");
        Optional<PersistentVolumeClaimCondition> error = condition(status, RESIZE_ERRORS);
        if (error.isPresent() || resource.endsWith("ResizeInfeasible")) {
            return new Growth(
                    has,
                    asked,
                    Growth.Stage.FAILED,
                    error.map(PersistentVolumeClaimCondition::getMessage)
                            .filter(message -> !message.isBlank())
                            .or(() -> error.map(PersistentVolumeClaimCondition::getType))
                            .orElse(resource));
        }
        boolean volumeIsLarger = resource.startsWith("NodeResize")
                || condition(status, Set.of(FILE_SYSTEM_PENDING)).isPresent();
        return new Growth(has, asked, volumeIsLarger ? Growth.Stage.FILE_SYSTEM : Growth.Stage.STORAGE, "");
    }

    private static Optional<PersistentVolumeClaimCondition> condition(
            PersistentVolumeClaimStatus status, Set<String> types) {
        List<PersistentVolumeClaimCondition> conditions = status.getConditions();
        return conditions.stream()
                .filter(it -> types.contains(it.getType()) && "True".equals(it.getStatus()))
                .findFirst();
    }

    private static @Nullable Quantity storage(@Nullable Map<String, Quantity> sizes) {
        return sizes == null ? null : sizes.get(STORAGE);
    }

    private static long epoch(@Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
