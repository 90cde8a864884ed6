package dev.primacy.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Brings images from the engine into the nodes. An image is saved once for each content, in a folder that every node
 * sees, and a node remembers what it has.
 */
final class Images {
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private final Engine engine;
    private final Path folder;

    Images(Engine engine) {
        this.engine = engine;
        this.folder = folder();
    }

    static Path folder() {
        return Places.folder(Places.cache().resolve("images"));
    }

    /** Loads an image into the nodes that run pods; returns when all of them have it. */
    void load(String image, List<Node> nodes) {
        String id = engine.imageId(image)
                .orElseThrow(() -> new TestbedException(
                        "There is no image %s on this machine. ./dev images makes those of the project."
                                .formatted(image)));
        List<Node> lacking = Parallel.filter(
                nodes,
                node -> !id.equals(
                        engine.run(node, DEADLINE, "cat", marker(image)).out()));
        if (lacking.isEmpty()) {
            return;
        }
        String saved = Layout.IMAGES_MOUNT + "/" + save(image, id).getFileName();
        Parallel.forEach(lacking, node -> {
            engine.require(node, DEADLINE, "ctr", "-n", "k8s.io", "images", "import", saved);
            engine.require(node, DEADLINE, "sh", "-c", "printf %s '" + id + "' > " + marker(image));
        });
    }

    private static String marker(String image) {
        return "/var/lib/rancher/k3s/loaded-" + fileName(image);
    }

    private static String fileName(String image) {
        return image.replaceAll("[^A-Za-z0-9.-]", "_");
    }

    private Path save(String image, String id) {
        String prefix = fileName(image) + "@";
        Path target = folder.resolve(prefix + id.replace("sha256:", "").substring(0, 16) + ".tar");
        if (Files.exists(target)) {
            return target;
        }
        try {
            Path part = Files.createTempFile(folder, "saving", ".part");
            try (InputStream stream = engine.docker().saveImageCmd(image).exec()) {
                Files.copy(stream, part, StandardCopyOption.REPLACE_EXISTING);
            }
            try (Stream<Path> older = Files.list(folder)) {
                for (Path old : older.filter(
                                file -> file.getFileName().toString().startsWith(prefix))
                        .toList()) {
                    Files.delete(old);
                }
            }
            return Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("saving " + image, e);
        }
    }
}
