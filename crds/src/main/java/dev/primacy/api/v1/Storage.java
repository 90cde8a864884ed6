package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;

/** Where PostgreSQL's files lie. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Storage(
        @JsonPropertyDescription(
                "Volume of the data directory, which is a subdirectory of it. Exactly one of persistentVolumeClaim and emptyDir;"
                        + " which one cannot be changed.")
        @Required
        Volume data) {
    static final Storage DEFAULT = new Storage(Volume.DEFAULT);

    public Storage {
        data = Objects.requireNonNullElse(data, Volume.DEFAULT);
    }
}
