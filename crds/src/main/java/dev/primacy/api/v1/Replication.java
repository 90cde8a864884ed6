package dev.primacy.api.v1;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

public record Replication(
        Mode mode,
        Integer synchronousStandbys,
        Durability durability,
        @Nullable Quantity maxSlotWalKeepSize) {
    static final Replication DEFAULT = new Replication(Mode.Asynchronous, 1, Durability.Required, null);

    public Replication {
        mode = Objects.requireNonNullElse(mode, Mode.Asynchronous);
        synchronousStandbys = Objects.requireNonNullElse(synchronousStandbys, 1);
        durability = Objects.requireNonNullElse(durability, Durability.Required);
    }

    public enum Mode {
        Asynchronous,
        Synchronous
    }

    /** What a synchronous cluster does when too few standbys are there: wait, or go on alone. */
    public enum Durability {
        Required,
        Preferred
    }
}
