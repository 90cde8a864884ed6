package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How standbys follow the primary. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Replication(
        @JsonPropertyDescription(
                "Asynchronous: a commit waits for the primary's disk alone; a failover may lose the last moments. Synchronous: it"
                        + " also waits until standbys have flushed it; what was acknowledged survives a failover."
                        + " Default: Asynchronous.")
        @Default("Asynchronous")
        Mode mode,

        @JsonPropertyDescription(
                "With Synchronous: how many standbys a commit waits for; fewer than instances. A commit survives the loss of as"
                        + " many members. Default: 1.")
        @Default("1")
        @Min(1)
        @Max(8)
        Integer synchronousStandbys,

        @JsonPropertyDescription(
                "With Synchronous, when too few standbys are there. Required: commits wait until they are back. Preferred: commits"
                        + " go on with those there are, and may be lost if the primary is lost too. Default: Required.")
        @Default("Required")
        Durability durability,

        @JsonPropertyDescription(
                "How much WAL the primary keeps at most for a standby that is away, as a Kubernetes quantity"
                        + " such as 4Gi; at least 64Mi. One that is away for longer is cloned anew. Absent: a quarter of"
                        + " the volume, or 4Gi where its size is not given.")
        @ValidationRule(value = Formats.QUANTITY, messageExpression = Formats.NOT_A_QUANTITY)
        @ValidationRule(
                value = "!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('64Mi')) >= 0",
                messageExpression =
                        "'maxSlotWalKeepSize %s is too small: write at least 64Mi (a bare number counts bytes)'.format([self])",
                message = "maxSlotWalKeepSize is too small: write at least 64Mi")
        @Nullable
        Quantity maxSlotWalKeepSize) {

    static final Replication DEFAULT = new Replication(Mode.Asynchronous, 1, Durability.Required, null);

    public Replication {
        mode = Objects.requireNonNullElse(mode, Mode.Asynchronous);
        synchronousStandbys = Objects.requireNonNullElse(synchronousStandbys, 1);
        durability = Objects.requireNonNullElse(durability, Durability.Required);
    }

    /** Whether a commit waits for standbys. */
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
