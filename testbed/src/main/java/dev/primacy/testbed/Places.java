package dev.primacy.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the test bed keeps its files. */
final class Places {
    private Places() {}

    /** What can be made again, and survives {@code down}: saved images. */
    static Path cache() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg == null || xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        return folder(base.resolve("primacy"));
    }

    /** Of this checkout, ignored by git: the kubeconfig. */
    static Path project() {
        Path here = Path.of("").toAbsolutePath();
        for (Path folder = here; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("mvnw"))) {
                return folder(folder.resolve(".primacy"));
            }
        }
        throw new TestbedException("%s is not in a checkout of the project.".formatted(here));
    }

    static Path folder(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
