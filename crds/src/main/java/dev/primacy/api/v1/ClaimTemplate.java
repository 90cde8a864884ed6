package dev.primacy.api.v1;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

public record ClaimTemplate(Quantity size, @Nullable String storageClassName, List<String> accessModes) {
    public ClaimTemplate {
        accessModes = accessModes == null ? List.of() : List.copyOf(accessModes);
    }
}
