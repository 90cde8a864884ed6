package dev.primacy.api.v1;

import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

public record Replication(
        @Nullable Mode mode,
        @Nullable Integer synchronousStandbys,
        @Nullable Durability durability,
        @Nullable Quantity maxSlotWalKeepSize) {

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
