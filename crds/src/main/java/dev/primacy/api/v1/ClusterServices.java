package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Objects;

/** The Services that clients connect to. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ClusterServices(
        @JsonPropertyDescription("The Service <name>-rw, which leads to the primary alone.")
        ServiceOptions readWrite,

        @JsonPropertyDescription(
                "The Service <name>-ro, which leads to the healthy standbys, or to the primary while there is none.")
        ServiceOptions readOnly) {
    static final ClusterServices DEFAULT = new ClusterServices(ServiceOptions.DEFAULT, ServiceOptions.DEFAULT);

    public ClusterServices {
        readWrite = Objects.requireNonNullElse(readWrite, ServiceOptions.DEFAULT);
        readOnly = Objects.requireNonNullElse(readOnly, ServiceOptions.DEFAULT);
    }
}
