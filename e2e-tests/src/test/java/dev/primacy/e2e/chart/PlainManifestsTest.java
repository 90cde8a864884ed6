package dev.primacy.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** helm/primacy.yaml: the chart with its default values, for those who do without Helm. */
@Tag("chart")
class PlainManifestsTest {
    private static final Path PLAIN = Path.of("../helm/primacy.yaml");

    private static final String HEAD = """
            # Generated from the chart in helm/primacy; do not edit. It needs an image of yours: docs/install.md, "Without Helm".
            ---
            apiVersion: v1
            kind: Namespace
            metadata:
              name: primacy-system
              labels:
                pod-security.kubernetes.io/enforce: restricted
            """;

    @Test
    @DisplayName("the plain manifests are what the chart renders")
    void plainManifestsAreFresh() throws IOException {
        String rendered = HEAD
                + Helm.template("--skip-tests", "--set", "crds.keep=false")
                        .output()
                        .replaceAll("(?m)^ +helm\\.sh/chart: .*\n", "")
                        .replaceAll("(?m)^ +app\\.kubernetes\\.io/managed-by: Helm\n", "")
                        .replaceAll("(?m)^# Source: .*\n", "");
        if (Boolean.getBoolean("primacy.refresh")) {
            Files.writeString(PLAIN, rendered);
        }
        assertThat(PLAIN)
                .as("%s is not what the chart renders; ./dev generate writes it anew", PLAIN)
                .content()
                .isEqualTo(rendered);
        assertThat(Helm.parse(rendered)).hasSizeGreaterThan(10);
    }
}
