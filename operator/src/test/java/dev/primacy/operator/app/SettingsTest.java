package dev.primacy.operator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private static final Map<String, String> LEAST = Map.of("POD_NAME", "primacy-0", "POD_NAMESPACE", "primacy-system");

    @Test
    @DisplayName("with the pod's name and namespace alone, all namespaces are watched with the documented defaults")
    void defaults() {
        Settings settings = Settings.of(LEAST);
        assertThat(settings.namespaces()).isEmpty();
        assertThat(settings.managementPort()).isEqualTo(8080);
        assertThat(settings.lease().duration()).isEqualTo(Duration.ofSeconds(6));
        assertThat(settings.installation().image(17)).isEqualTo("docker.io/library/postgres:17");
    }

    @Test
    @DisplayName("namespaces are a list, images come by major version")
    void values() {
        Settings settings = Settings.of(
                with("PRIMACY_WATCH_NAMESPACES", "a, b,", "PRIMACY_IMAGE_17", "registry.example/postgres:17"));
        assertThat(settings.namespaces()).containsExactlyInAnyOrder("a", "b");
        assertThat(settings.installation().image(17)).isEqualTo("registry.example/postgres:17");
    }

    @ParameterizedTest
    @DisplayName("a value that makes no sense is refused, with its name, the value and what would do")
    @CsvSource(delimiter = '|', textBlock = """
            PRIMACY_OPENSHIFT            | yes       | PRIMACY_OPENSHIFT is 'yes'; it has to be true or false
            PRIMACY_MANAGEMENT_PORT      | 99999     | PRIMACY_MANAGEMENT_PORT is '99999'; it has to be a number from 1 to 65535
            PRIMACY_IMAGE_PULL_POLICY    | sometimes | PRIMACY_IMAGE_PULL_POLICY is 'sometimes'
            PRIMACY_LEASE_DURATION       | 6s        | PRIMACY_LEASE_DURATION is '6s'; it has to be a duration
            PRIMACY_LEASE_DURATION       | PT2S      | must be longer than PRIMACY_LEASE_RENEW_DEADLINE
            PRIMACY_CA_LIFETIME          | P1D       | at least three times PRIMACY_CERTIFICATE_LIFETIME
            """)
    void refused(String name, String value, String words) {
        assertThatThrownBy(() -> Settings.of(with(name, value))).hasMessageContaining(words);
    }

    @Test
    @DisplayName("without its own name the operator does not start")
    void required() {
        assertThatThrownBy(() -> Settings.of(Map.of())).hasMessageContaining("POD_NAME is not set");
    }

    private static Map<String, String> with(String... pairs) {
        Map<String, String> all = new HashMap<>(LEAST);
        for (int i = 0; i < pairs.length; i += 2) {
            all.put(pairs[i], pairs[i + 1]);
        }
        return all;
    }
}
