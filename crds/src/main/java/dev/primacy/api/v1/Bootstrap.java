package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Objects;

/** How the cluster's data comes to be. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Bootstrap(
        @JsonPropertyDescription(
                "Start from a new, empty database cluster made by initdb, once in the cluster's life. Default: {}, with the"
                        + " defaults of its fields.")
        Initdb initdb) {
    static final Bootstrap DEFAULT = new Bootstrap(Initdb.DEFAULT);

    public Bootstrap {
        initdb = Objects.requireNonNullElse(initdb, Initdb.DEFAULT);
    }
}
