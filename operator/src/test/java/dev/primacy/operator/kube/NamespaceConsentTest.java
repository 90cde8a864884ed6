package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NamespaceConsentTest {
    private int answer = 403;
    private HttpServer api;
    private KubernetesClient client;

    @BeforeEach
    void start() throws IOException {
        api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.createContext("/", exchange -> {
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        api.start();
        client = Kubernetes.client(
                Kubernetes.mapper(),
                new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://localhost:" + api.getAddress().getPort())
                        .build());
    }

    @AfterEach
    void stop() {
        client.close();
        api.stop(0);
    }

    @Test
    @DisplayName("an operator that may not see namespaces starts, and leaves Secrets in the cluster's own")
    void forbidden() {
        try (NamespaceConsent consent = NamespaceConsent.watch(client, namespace -> {})) {
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
        answer = 500;
        assertThatThrownBy(() -> NamespaceConsent.watch(client, namespace -> {}))
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
