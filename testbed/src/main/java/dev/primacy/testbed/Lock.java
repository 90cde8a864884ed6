package dev.primacy.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One process at a time changes the test bed; the lock ends with the process, however that ends. */
final class Lock {
    private Lock() {}

    static <T> T during(Consumer<String> progress, Supplier<T> work) {
        try (FileChannel channel = FileChannel.open(
                Places.cache().resolve("testbed.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (channel.tryLock() == null) {
                progress.accept("Waiting for another process that works on the test bed");
                channel.lock();
            }
            return work.get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
