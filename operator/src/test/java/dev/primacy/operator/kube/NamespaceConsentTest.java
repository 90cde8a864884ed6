package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NamespaceConsentTest {
    private StubApi api;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    @DisplayName("an operator that may not see namespaces starts, and leaves Secrets in the cluster's own")
    void forbidden() {
        api.fail("GET", Integer.MAX_VALUE, StubApi.Failure.of(403, "forbidden"));
        try (NamespaceConsent consent = NamespaceConsent.watch(api.client(), namespace -> {})) {
            assertThat(consent.covers(secret("shop"), "shop")).isTrue();
            assertThat(consent.covers(secret("billing"), "shop")).isFalse();
            assertThat(consent.words(List.of(secret("billing")), "shop"))
                    .singleElement()
                    .asString()
                    .contains("namespace billing", "may not read Namespaces");
        }
    }

    @Test
    @DisplayName("an API server that fails is no refusal")
    void failing() {
        api.fail("GET", Integer.MAX_VALUE, StubApi.Failure.of(500, "etcd has no leader"));
        assertThatThrownBy(() -> NamespaceConsent.watch(api.client(), namespace -> {}))
                .isInstanceOf(KubernetesClientException.class);
    }

    private static Secret secret(String namespace) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("orders-app")
                .endMetadata()
                .build();
    }
}
