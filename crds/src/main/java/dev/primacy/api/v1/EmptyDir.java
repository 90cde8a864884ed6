package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** @param medium "" for the node's default medium, or "Memory" */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record EmptyDir(
        @JsonPropertyDescription(
                "\"\" for the node's disk, Memory for a RAM disk, which counts against the pod's memory limit. Default: \"\"."
                        + " Cannot be changed.")
        @Size(max = 16)
        @ValidationRule(
                value = "self in ['', 'Memory']",
                messageExpression =
                        "'\"%s\" is no medium for PostgreSQL\\'s data: write \"\" for the node\\'s disk, or Memory'.format([self])",
                message = "not a medium: write \"\" for the node's disk, or Memory")
        @Nullable
        String medium,

        @JsonPropertyDescription(
                "Largest size of the volume, as a Kubernetes quantity such as 2Gi; at least 256Mi. A pod that exceeds it is"
                        + " evicted, and its data with it. Absent: no limit but the node's disk or, for Memory,"
                        + " the pod's memory. Cannot be"
                        + " changed.")
        @ValidationRule(value = Formats.QUANTITY, messageExpression = Formats.NOT_A_QUANTITY)
        @ValidationRule(
                value = "!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('256Mi')) >= 0",
                messageExpression =
                        "'sizeLimit %s is too small for PostgreSQL: write at least 256Mi (a bare number counts "
                                + "bytes)'.format([self])",
                message = "sizeLimit is too small for PostgreSQL: write at least 256Mi")
        @Nullable
        Quantity sizeLimit) {}
