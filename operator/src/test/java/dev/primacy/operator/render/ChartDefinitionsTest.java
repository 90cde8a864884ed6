package dev.primacy.operator.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Helm packs only what lies in the chart's own folder, so the definitions are copied there. */
class ChartDefinitionsTest {
    private static final Path SOURCE = Path.of("../crds");
    private static final Path COPY = Path.of("../helm/primacy/files/crds");

    @Test
    @DisplayName("the chart's copies of the definitions are fresh; -Dgolden.update refreshes them")
    void copiesAreFresh() throws IOException {
        for (Path definition : definitions(SOURCE)) {
            Path copy = COPY.resolve(definition.getFileName());
            if (System.getProperty("golden.update") != null) {
                Files.writeString(copy, Files.readString(definition));
            }
            assertThat(copy).hasSameTextualContentAs(definition);
        }
        assertThat(definitions(COPY)).hasSameSizeAs(definitions(SOURCE)).isNotEmpty();
    }

    private static List<Path> definitions(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }
}
