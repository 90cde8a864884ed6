package dev.primacy.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** ./dev of this checkout, as a person types it; on the cluster that the tests were given. */
final class Dev {
    static final String CONTEXT = System.getProperty("primacy.context", "");

    private Dev() {}

    /** Returns what it said, on whichever stream. */
    static Shell.Run run(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Shell.Run(process.waitFor(), said);
    }

    static Process start(String... arguments) throws IOException {
        List<String> context = CONTEXT.isEmpty() ? List.of() : List.of("--context", CONTEXT);
        return new ProcessBuilder(Stream.of(List.of("./dev"), context, List.of(arguments))
                        .flatMap(List::stream)
                        .toList())
                .directory(root().toFile())
                .redirectErrorStream(true)
                .start();
    }

    private static Path root() {
        return Objects.requireNonNull(Places.project().getParent());
    }
}
