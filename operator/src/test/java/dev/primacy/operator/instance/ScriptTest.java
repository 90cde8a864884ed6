package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Of instance.sh as a text. */
@Tag("containers")
class ScriptTest {

    private static final Path SCRIPT = Path.of("src/main/resources/dev/primacy/operator/render/instance.sh");

    @Test
    void shellcheckFindsNothing() throws Exception {
        Process shellcheck = new ProcessBuilder("shellcheck", "--shell=bash", SCRIPT.toString())
                .redirectErrorStream(true)
                .start();
        String findings = new String(shellcheck.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(shellcheck.waitFor()).as(findings).isZero();
    }
}
