package dev.primacy.e2e.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * By what the operator's Applier tells a field that cannot be changed, for which it makes a Secret or ConfigMap anew, from what would be
 * refused anew: all of it has the code 422.
 */
@Tag("crd")
@ExtendWith(Api.Provided.class)
class RefusalsTest {
    private final Api api;

    RefusalsTest(Api api) {
        this.api = api;
    }

    @AfterEach
    void remove() {
        api.resource(secret("type: Opaque")).delete();
    }

    @Test
    @DisplayName("a Secret's type is a field that is immutable")
    void type() {
        api.apply(secret("type: Opaque"), "primacy");
        assertThat(refusal(secret("type: other"))).singleElement().satisfies(cause -> {
            assertThat(cause.getReason()).isEqualTo("FieldValueInvalid");
            assertThat(cause.getMessage()).contains("field is immutable");
        });
    }

    @Test
    @DisplayName("what was declared immutable says so")
    void immutable() {
        api.apply(secret("immutable: true, data: {a: YQ==}"), "primacy");
        assertThat(refusal(secret("immutable: true, data: {a: Yg==}")))
                .singleElement()
                .satisfies(cause -> {
                    assertThat(cause.getReason()).isEqualTo("FieldValueForbidden");
                    assertThat(cause.getMessage()).contains("field is immutable");
                });
    }

    @Test
    @DisplayName("what is wrong in itself does not")
    void invalid() {
        api.apply(secret("type: Opaque"), "primacy");
        assertThat(refusal(secret("data: {'a b': YQ==}")))
                .isNotEmpty()
                .noneMatch(cause -> cause.getMessage().contains("field is immutable"));
    }

    private List<StatusCause> refusal(GenericKubernetesResource manifest) {
        KubernetesClientException refused =
                catchThrowableOfType(KubernetesClientException.class, () -> api.apply(manifest, "primacy"));
        assertThat(refused).as("nothing was refused").isNotNull();
        assertThat(refused.getCode()).isEqualTo(422);
        return refused.getStatus().getDetails().getCauses();
    }

    private static GenericKubernetesResource secret(String content) {
        return Manifests.parse("---\n{apiVersion: v1, kind: Secret, metadata: {name: refused}, %s}".formatted(content));
    }
}
