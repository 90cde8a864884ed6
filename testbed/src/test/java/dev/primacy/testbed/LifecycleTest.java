package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code ./dev cluster up} and {@code down}: what the one leaves unfinished the next mends, and the other leaves nothing behind. */
@Tag("cluster")
@Tag("e2e-full")
class LifecycleTest {
    private static final String LABEL = "label=" + Layout.LABEL;
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    @BeforeAll
    static void ofTheTestBed() {
        assumeThat(Dev.CONTEXT).as("a cluster of the user's own").isEmpty();
    }

    @Test
    void downLeavesNothingBehindAndIsHarmlessTwice() throws Exception {
        up();
        List<String> volumes = ofDocker(Stream.concat(
                        Stream.of(
                                "inspect",
                                "--format",
                                "{{range .Mounts}}{{if eq .Type \"volume\"}}{{.Name}} {{end}}{{end}}"),
                        nodes().stream())
                .toArray(String[]::new));
        assertThat(volumes).as("volumes of the nodes").isNotEmpty();
        assertThat(routes()).isNotEmpty();

        assertThat(Dev.run("cluster", "down").said()).contains("The test bed is gone");

        assertThat(nodes()).isEmpty();
        assertThat(ofDocker("network", "ls", "--quiet", "--filter", LABEL)).isEmpty();
        assertThat(ofDocker("volume", "ls", "--quiet")).doesNotContainAnyElementsOf(volumes);
        assertThat(routes()).isEmpty();
        assertThat(cgroups()).isEmpty();
        assertThat(Places.project().resolve("kubeconfig")).doesNotExist();
        Shell.Run status = Dev.run("cluster", "status");
        assertThat(status.exitCode()).isEqualTo(1);
        assertThat(status.said()).contains("There is no test bed. ./dev cluster up starts one.");
        assertThat(Dev.run("cluster", "down").exitCode()).isZero();
    }

    @Test
    void anInterruptedUpIsRepairedByTheNextAndAThirdIsHarmless() throws Exception {
        assertThat(Dev.run("cluster", "down").exitCode()).isZero();
        Process interrupted = Dev.start("cluster", "up");
        await().atMost(Duration.ofMinutes(2)).until(() -> nodes().size() >= 2);
        Stream.concat(interrupted.descendants(), Stream.of(interrupted.toHandle()))
                .forEach(ProcessHandle::destroyForcibly);
        interrupted.waitFor();
        assertThat(Dev.run("cluster", "status").exitCode())
                .as("is it a test bed yet")
                .isEqualTo(1);

        up();
        List<String> nodes = nodes();
        assertThat(nodes).hasSize(4);
        Shell.Run status = Dev.run("cluster", "status");
        assertThat(status.exitCode()).as(status.said()).isZero();

        up();
        assertThat(nodes()).as("containers of the nodes").isEqualTo(nodes);
    }

    private static void up() throws IOException, InterruptedException {
        Shell.Run run = Dev.run("cluster", "up");
        assertThat(run.exitCode()).as(run.said()).isZero();
        assertThat(run.said()).contains("4 nodes Ready");
    }

    private static List<String> nodes() throws IOException, InterruptedException {
        return ofDocker("ps", "--all", "--quiet", "--no-trunc", "--filter", LABEL);
    }

    private static List<String> routes() throws IOException, InterruptedException {
        return words("ip", "-4", "route", "show").stream()
                .filter(Layout.CLUSTER_NETWORKS::contains)
                .toList();
    }

    private static List<Path> cgroups() throws IOException {
        try (Stream<Path> two = Files.find(
                CGROUPS, 2, (path, attributes) -> path.getFileName().toString().startsWith("primacy-testbed-"))) {
            return two.toList();
        }
    }

    private static List<String> ofDocker(String... arguments) throws IOException, InterruptedException {
        return words(Stream.concat(Stream.of("docker"), Stream.of(arguments)).toArray(String[]::new));
    }

    private static List<String> words(String... command) throws IOException, InterruptedException {
        Shell.Run run = Shell.Run.of(
                new ProcessBuilder(command).redirectErrorStream(true).start());
        assertThat(run.exitCode()).as(run.said()).isZero();
        return Stream.of(run.said().split("\\s+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
