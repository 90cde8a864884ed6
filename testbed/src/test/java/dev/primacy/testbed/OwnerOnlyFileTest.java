package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerOnlyFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void onlyTheOwnerReadsIt() throws IOException {
        Path file = folder.resolve("kubeconfig");
        OwnerOnlyFile.write(file, "secret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(file).hasContent("secret");
    }

    @Test
    void aLaterContentReplacesAnEarlierOneAndLeavesNothingBeside() throws IOException {
        Path file = folder.resolve("kubeconfig");
        OwnerOnlyFile.write(file, "old and longer");
        OwnerOnlyFile.write(file, "new");
        assertThat(file).hasContent("new");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }
}
