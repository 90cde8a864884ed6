package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.shell.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The docker command line: all that these tests need of an engine, and what a reader can repeat by hand. */
final class Docker {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Docker() {}

    /** Runs {@code docker arguments…}; standard error is part of the output. */
    static Result attempt(String input, String... arguments) {
        return attempt(LIMIT, input, arguments);
    }

    private static Result attempt(Duration limit, String input, String... arguments) {
        try {
            Path in = Files.createTempFile("primacy-instance", ".in");
            Path out = Files.createTempFile("primacy-instance", ".out");
            Files.writeString(in, input);
            Process process = new ProcessBuilder(command(arguments))
                    .redirectErrorStream(true)
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .start();
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            process.destroyForcibly();
            String output = new String(Files.readAllBytes(out), StandardCharsets.UTF_8).strip();
            Files.delete(in);
            Files.delete(out);
            return new Result(ended ? process.exitValue() : -1, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static String run(String... arguments) {
        return feed("", arguments);
    }

    static String run(Duration limit, String... arguments) {
        return succeeded(attempt(limit, "", arguments), arguments);
    }

    static String feed(String input, String... arguments) {
        return succeeded(attempt(input, arguments), arguments);
    }

    private static String succeeded(Result result, String... arguments) {
        assertThat(result.status())
                .as("docker %s: %s", String.join(" ", arguments), result.output())
                .isZero();
        return result.output();
    }

    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return command;
    }
}
