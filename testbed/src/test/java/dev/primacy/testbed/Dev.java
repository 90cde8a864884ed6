package dev.primacy.testbed;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** ./dev of this checkout, as a person types it; on the cluster that the tests were given. */
final class Dev {
    static final String CONTEXT = System.getProperty("primacy.context", "");

    private Dev() {}

    static Shell.Run run(String... arguments) throws IOException, InterruptedException {
        return Shell.Run.of(start(arguments));
    }

    static Process start(String... arguments) throws IOException {
        List<String> context = CONTEXT.isEmpty() ? List.of() : List.of("--context", CONTEXT);
        return new ProcessBuilder(Stream.of(List.of("./dev"), context, List.of(arguments))
                        .flatMap(List::stream)
                        .toList())
                .directory(Objects.requireNonNull(Places.project().getParent()).toFile())
                .redirectErrorStream(true)
                .start();
    }
}
