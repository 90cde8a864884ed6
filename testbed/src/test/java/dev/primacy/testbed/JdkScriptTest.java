package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How ./dev comes by a JDK where there is none; programs that would reach out are played by scripts in front of the PATH. */
class JdkScriptTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Shell shell;

    /** The archive is one of a JDK that can tell its version and no more. */
    @BeforeEach
    void anArchiveToBeFetched() throws Exception {
        shell = new Shell(folder);
        shell.program("jdk-25/bin/javac", "echo javac 25.0.3");
        Files.writeString(folder.resolve("jdk-25/release"), "JAVA_VERSION=\"25.0.3\"\n");
        assertThat(new ProcessBuilder("tar", "-czf", "archive.tar.gz", "jdk-25")
                        .directory(folder.toFile())
                        .start()
                        .waitFor())
                .isZero();
        shell.program(
                "bin/curl",
                "while [ $# -gt 1 ]; do [ \"$1\" != --output ] || cp ../archive.tar.gz \"$2\"; shift; done");
    }

    @Test
    void isFetchedIntoTheCacheWhereTheDistributionHasNone() throws Exception {
        Shell.Run run =
                bash("jdk_sha256_x64=$(sha256sum ../archive.tar.gz | cut -d' ' -f1) jdk_sha256_aarch64=$jdk_sha256_x64"
                        + "; install_jdk; \"$cache/jdk-$jdk_fetched/bin/javac\" --version");
        assertThat(run.said()).contains("Fetching a JDK").endsWith("javac 25.0.3\n");
        assertThat(run.exitCode()).isZero();
        assertThat(cached()).containsExactly("jdk-25.0.3+9");
    }

    @Test
    void isRefusedWhenItIsNotWhatWasPublished() throws Exception {
        Shell.Run run = bash("install_jdk");
        assertThat(run.said()).contains("its checksum is not the published one", "set JAVA_HOME");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(cached()).isEmpty();
    }

    @Test
    void oneLineSaysWhatToDoWhereNothingCanBeFetched() throws Exception {
        shell.program("bin/curl", "echo 'curl: (6) Could not resolve host: github.com' >&2; exit 6");
        Shell.Run run = bash("install_jdk");
        assertThat(run.said().lines().filter(line -> line.startsWith("✗")))
                .singleElement()
                .asString()
                .contains("No JDK 25", "Could not resolve host", "openjdk-25-jdk-headless", "set JAVA_HOME");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(cached()).isEmpty();
    }

    @Test
    void comesFromTheDistributionWhereThatHasItAndThisIsRoot() throws Exception {
        shell.program("bin/apt-get", "echo \"apt-get $*\" >>../asked");
        shell.program("bin/apt-cache", "[ \"$*\" = 'show openjdk-25-jdk-headless' ]");
        Shell.Run run = bash("is_debian() { true; }; id() { echo 0; }; install_jdk");
        assertThat(run.exitCode()).isZero();
        assertThat(Files.readAllLines(folder.resolve("asked")))
                .containsExactly(
                        "apt-get update", "apt-get install -y --no-install-recommends openjdk-25-jdk-headless");
        assertThat(cached()).containsExactly("apt-updated");
    }

    /** On a machine that is no Debian. */
    private Shell.Run bash(String commands) throws IOException, InterruptedException {
        return shell.bash(List.of("common", "jdk"), "is_debian() { false; }; " + commands);
    }

    private List<String> cached() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cache/primacy"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
