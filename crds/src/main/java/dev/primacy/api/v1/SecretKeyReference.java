package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** One value of a Secret in the cluster's namespace. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SecretKeyReference(
        @JsonPropertyDescription("Name of the Secret, in the cluster's namespace.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Formats.SUBDOMAIN, messageExpression = Formats.NOT_A_SUBDOMAIN)
        String name,

        @JsonPropertyDescription("Key in the Secret's data.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Formats.SECRET_KEY, messageExpression = Formats.NOT_A_SECRET_KEY)
        String key) {}
