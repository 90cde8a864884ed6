package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How ./dev comes by a JDK where there is none; programs that would reach out are played by scripts in front of the PATH. */
class JdkScriptTest {
    private static final Path SCRIPTS = Path.of("scripts").toAbsolutePath();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private record Run(int exitCode, String said) {}

    /** The archive is one of a JDK that can tell its version and no more. */
    @BeforeEach
    void anArchiveToBeFetched() throws Exception {
        program("jdk-25/bin/javac", "echo javac 25.0.3");
        Files.writeString(folder.resolve("jdk-25/release"), "JAVA_VERSION=\"25.0.3\"\n");
        assertThat(new ProcessBuilder("tar", "-czf", "archive.tar.gz", "jdk-25")
                        .directory(folder.toFile())
                        .start()
                        .waitFor())
                .isZero();
        program(
                "bin/curl",
                "while [ $# -gt 1 ]; do [ \"$1\" != --output ] || cp ../archive.tar.gz \"$2\"; shift; done");
    }

    @Test
    void isFetchedIntoTheCacheWhereTheDistributionHasNone() throws Exception {
        Run run =
                bash("jdk_sha256_x64=$(sha256sum ../archive.tar.gz | cut -d' ' -f1) jdk_sha256_aarch64=$jdk_sha256_x64"
                        + "; install_jdk; \"$cache/jdk-$jdk_fetched/bin/javac\" --version");
        assertThat(run.said()).contains("Fetching a JDK").endsWith("javac 25.0.3\n");
        assertThat(run.exitCode()).isZero();
        assertThat(cached()).containsExactly("jdk-25.0.3+9");
    }

    @Test
    void isRefusedWhenItIsNotWhatWasPublished() throws Exception {
        Run run = bash("install_jdk");
        assertThat(run.said()).contains("its checksum is not the published one", "set JAVA_HOME");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(cached()).isEmpty();
    }

    @Test
    void oneLineSaysWhatToDoWhereNothingCanBeFetched() throws Exception {
        program("bin/curl", "echo 'curl: (6) Could not resolve host: github.com' >&2; exit 6");
        Run run = bash("install_jdk");
        assertThat(run.said().lines().filter(line -> line.startsWith("✗")))
                .singleElement()
                .asString()
                .contains("No JDK 25", "Could not resolve host", "openjdk-25-jdk-headless", "set JAVA_HOME");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(cached()).isEmpty();
    }

    @Test
    void comesFromTheDistributionWhereThatHasItAndThisIsRoot() throws Exception {
        program("bin/apt-get", "echo \"apt-get $*\" >>../asked");
        program("bin/apt-cache", "[ \"$*\" = 'show openjdk-25-jdk-headless' ]");
        Run run = bash("is_debian() { true; }; id() { echo 0; }; install_jdk");
        assertThat(run.exitCode()).isZero();
        assertThat(Files.readAllLines(folder.resolve("asked")))
                .containsExactly(
                        "apt-get update", "apt-get install -y --no-install-recommends openjdk-25-jdk-headless");
        assertThat(cached()).containsExactly("apt-updated");
    }

    /** Runs the commands as ./dev would, on a machine that is no Debian. */
    private Run bash(String commands) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        "-c",
                        "set -euo pipefail; root=$PWD; . \"$SCRIPTS/common.sh\"; . \"$SCRIPTS/jdk.sh\"; is_debian() { false; }; "
                                + commands)
                .directory(Files.createDirectories(folder.resolve("work")).toFile())
                .redirectErrorStream(true);
        builder.environment().put("SCRIPTS", SCRIPTS.toString());
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        builder.environment().merge("PATH", folder.resolve("bin").toString(), (path, first) -> first + ":" + path);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), said);
    }

    private void program(String path, String commands) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/bash\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> cached() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cache/primacy"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
