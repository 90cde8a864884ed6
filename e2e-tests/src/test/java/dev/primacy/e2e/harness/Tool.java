package dev.primacy.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** kubectl and helm, as {@code ./dev} provides them, with the access to the cluster under test. */
final class Tool {
    private final Path root;
    private final String context;

    /** @param context of the user's kubeconfig; empty for the test bed */
    Tool(Path root, String context) {
        this.root = root;
        this.context = context;
    }

    /**
     * Returns what it printed.
     *
     * @throws AssertionError with everything it printed, if it fails
     */
    String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("./dev"));
        if (!context.isEmpty()) {
            command.addAll(List.of("--context", context));
        }
        command.addAll(List.of(arguments));
        try {
            Path output = Files.createTempFile("tool", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .directory(root.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                boolean ended = process.waitFor(5, TimeUnit.MINUTES);
                String printed = Files.readString(output, StandardCharsets.UTF_8);
                if (!ended) {
                    process.destroy();
                }
                if (!ended || process.exitValue() != 0) {
                    throw new AssertionError("%s %s:%n%s"
                            .formatted(String.join(" ", command), ended ? "failed" : "did not end", printed));
                }
                return printed;
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
