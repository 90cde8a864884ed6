package dev.primacy.testbed;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;

/** The Docker Engine, through the client that Testcontainers found. */
final class Engine {
    private final DockerClient docker;

    private Engine(DockerClient docker) {
        this.docker = docker;
    }

    /** @throws TestbedException when no engine answers, or the environment would make Testcontainers stop the test bed */
    static Engine connect() {
        for (String variable : List.of("TESTCONTAINERS_RYUK_DISABLED", "TESTCONTAINERS_REUSE_ENABLE")) {
            if (!"true".equals(System.getenv(variable))) {
                throw new TestbedException(
                        variable + " is not true, so Testcontainers would stop the test bed at the end of this process."
                                + " Run this through ./dev, or set it.");
            }
        }
        try {
            return new Engine(DockerClientFactory.lazyClient());
        } catch (IllegalStateException e) {
            throw new TestbedException("No Docker Engine answers. ./dev cluster up starts one.", e);
        }
    }

    DockerClient docker() {
        return docker;
    }

    Optional<InspectContainerResponse> container(Node node) {
        try {
            return Optional.of(docker.inspectContainerCmd(node.container()).exec());
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    Optional<String> imageId(String image) {
        try {
            return Optional.ofNullable(docker.inspectImageCmd(image).exec().getId());
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    /** What a command printed. */
    record Output(long code, String out, String err) {}

    /** Runs a command in the node and returns what it printed, whatever its exit code. */
    Output run(Node node, Duration deadline, String... command) {
        String exec = Objects.requireNonNull(docker.execCreateCmd(node.container())
                .withAttachStdout(true)
                .withAttachStderr(true)
                .withCmd(command)
                .exec()
                .getId());
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var callback = new ResultCallback.Adapter<Frame>() {
            @Override
            public void onNext(Frame frame) {
                (frame.getStreamType() == StreamType.STDERR ? err : out).writeBytes(frame.getPayload());
            }
        };
        try {
            if (!docker.execStartCmd(exec).exec(callback).awaitCompletion(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new TestbedException("%s: `%s` did not end within %d s"
                        .formatted(node.name(), String.join(" ", command), deadline.toSeconds()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TestbedException(node.name() + ": interrupted", e);
        }
        Long code = docker.inspectExecCmd(exec).exec().getExitCodeLong();
        return new Output(
                code == null ? -1 : code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs a command in the node that has to succeed; returns its standard output. */
    String require(Node node, Duration deadline, String... command) {
        Output output = run(node, deadline, command);
        if (output.code() != 0) {
            throw new TestbedException("%s: `%s` ended with code %d: %s"
                    .formatted(
                            node.name(),
                            String.join(" ", command),
                            output.code(),
                            output.err().strip()));
        }
        return output.out();
    }
}
