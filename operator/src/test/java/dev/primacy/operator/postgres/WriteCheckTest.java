package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WriteCheckTest {
    private final AtomicReference<Duration> now = new AtomicReference<>(Duration.ZERO);
    private final AtomicInteger tries = new AtomicInteger();
    private final WriteCheck writes = new WriteCheck(
            () -> {
                tries.incrementAndGet();
                throw new IllegalStateException("nobody foresaw this");
            },
            () -> new Endpoint("orders-1", "127.0.0.1", 1, null),
            now::get,
            () -> {});

    @Test
    @DisplayName("after a failure that nobody foresaw writes are watched again, though not at once")
    void unforeseen() {
        writes.watch();
        await().until(() -> tries.get() == 1);
        writes.watch();
        assertThat(tries).hasValue(1);

        now.set(Duration.ofSeconds(3));
        await().atMost(Duration.ofSeconds(5)).until(() -> {
            writes.watch();
            return tries.get() == 2;
        });
    }
}
