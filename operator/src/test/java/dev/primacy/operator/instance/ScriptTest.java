package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Of instance.sh as a text, and of what it does by itself. */
@Tag("containers")
class ScriptTest {

    private static final Path SCRIPT = Path.of("src/main/resources/dev/primacy/operator/render/instance.sh");

    @Test
    void shellcheckFindsNothing() throws Exception {
        assertThat(run("shellcheck", "--shell=bash", SCRIPT.toString())).isEmpty();
    }

    /** In hundredths of a second, by a clock that only the pauses move. */
    @Test
    void aCrashIsFollowedByAPauseThatGrowsUnlessItIsTheFirstForLong() throws Exception {
        String pauses = run("bash", "-uc", """
                source <(sed -n '/^back_off() {/,/^}/p' "$0")
                SECOND=100 now=0 crashes=0
                clock() { :; }
                log() { :; }
                nap() { now=$((now + $1)); }
                crash() { started=$((now - $1)); local ended=$now; back_off; echo -n "$((now - ended)) "; }
                for ((i = 0; i < 9; i++)); do crash $SECOND; done
                crash $((31 * SECOND))
                """, SCRIPT.toString());

        assertThat(pauses).isEqualTo("0 20 40 80 160 320 640 1000 1000 0 ");
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
