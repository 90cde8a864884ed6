package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One value of a Secret in the cluster's namespace. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SecretKeyReference(
        @JsonPropertyDescription("Name of the Secret, in the cluster's namespace.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Formats.SUBDOMAIN)
        String name,

        @JsonPropertyDescription("Key in the Secret's data.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Formats.SECRET_KEY)
        String key) {}
