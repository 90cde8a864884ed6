package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.primacy.operator.model.Names;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UserSecretsTest {
    private static final Names ORDERS = new Names("shop", "orders");

    private final Set<Names> told = ConcurrentHashMap.newKeySet();

    @Test
    @DisplayName("a Secret whose first lists fail is found later, and its cluster hears of it")
    void firstListsFail() throws IOException {
        try (StubApi api = new StubApi();
                UserSecrets secrets = new UserSecrets(api.client(), told::add)) {
            api.holds(new SecretBuilder()
                    .withNewMetadata()
                    .withNamespace("shop")
                    .withName("given")
                    .withResourceVersion("7")
                    .endMetadata()
                    .build());
            api.fail("GET secrets", 6, StubApi.Failure.of(503, "not now"));
            assertThat(secrets.get(ORDERS, "given")).isEmpty();

            await().atMost(Duration.ofSeconds(60)).until(() -> told.contains(ORDERS));
            assertThat(secrets.get(ORDERS, "given")).isPresent();
        }
    }
}
