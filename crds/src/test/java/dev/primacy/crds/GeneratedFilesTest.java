package dev.primacy.crds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class GeneratedFilesTest {
    /** What client-side apply can keep in its annotation. */
    private static final int LIMIT = 256 * 1024;

    @Test
    void theCommittedDefinitionIsWhatTheRecordsSay() throws IOException {
        new GeneratedFile(Path.of("postgresclusters.primacy.dev-v1.yaml"))
                .mustBe(Definition.generate().yaml());
    }

    /** Helm packs only what lies in the chart's own folder. */
    @Test
    void theChartHasTheSameDefinition() throws IOException {
        new GeneratedFile(Path.of("../helm/primacy/files/crds/postgresclusters.primacy.dev-v1.yaml"))
                .mustBe(Definition.generate().yaml());
    }

    @Test
    void theCommittedReferenceIsWhatTheRecordsSay() throws IOException {
        new GeneratedFile(Path.of("../docs/api.md")).mustBe(ApiReference.of(Definition.generate()));
    }

    @Test
    void theDefinitionFitsClientSideApply() throws IOException {
        assertThat(Definition.generate().json().toString().getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(LIMIT);
    }
}
