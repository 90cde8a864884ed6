package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.RepeatedTest;

class JoinTokenTest {
    @RepeatedTest(20)
    void aTokenHasTheFormOfABootstrapTokenAndIsNeverTheSame() {
        String token = JoinToken.random();
        assertThat(token).matches("[a-z0-9]{6}\\.[a-z0-9]{16}").isNotEqualTo(JoinToken.random());
    }
}
