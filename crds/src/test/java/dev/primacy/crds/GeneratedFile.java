package dev.primacy.crds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A committed file that a program writes: compared with what it would write now, or, on demand, written anew. */
record GeneratedFile(Path path) {
    static final String REFRESH = "./dev generate";

    void mustBe(String content) throws IOException {
        if (Boolean.getBoolean("primacy.refresh")) {
            Files.createDirectories(path.toAbsolutePath().getParent());
            Files.writeString(path, content);
        }
        String committed = Files.exists(path) ? Files.readString(path) : "";
        assertThat(committed)
                .as("%s is stale: the API records changed. Run %s, look at the difference and commit it", path, REFRESH)
                .isEqualTo(content);
    }
}
