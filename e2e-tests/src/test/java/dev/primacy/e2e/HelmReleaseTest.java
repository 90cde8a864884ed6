package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Operator;
import dev.primacy.e2e.harness.Site;
import org.junit.jupiter.api.Test;

/** What the chart's users do after {@code helm install}. Alone, since the pod of the test carries the chart's labels. */
@Disturbing
class HelmReleaseTest {

    @Test
    void helmTestFindsTheOperatorReady(Site site) {
        assertThat(site.helm("test", Operator.RELEASE, "--namespace", Operator.NAMESPACE, "--timeout", "2m"))
                .containsPattern("Phase:\\s+Succeeded");
    }
}
