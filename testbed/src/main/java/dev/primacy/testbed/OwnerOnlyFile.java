package dev.primacy.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file that holds a key. */
final class OwnerOnlyFile {
    private OwnerOnlyFile() {}

    /** Writes it whole or not at all, readable by its owner only; leaves it alone when it says this already. */
    static void write(Path path, String content) {
        try {
            if (Files.exists(path) && Files.readString(path).equals(content)) {
                return;
            }
            // A temporary file is its owner's alone.
            Path part = Files.createTempFile(path.toAbsolutePath().getParent(), ".writing", "");
            Files.writeString(part, content);
            Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
