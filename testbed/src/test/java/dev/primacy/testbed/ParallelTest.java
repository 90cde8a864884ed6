package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ParallelTest {
    @Test
    void itemsAreWorkedOnAtTheSameTime() {
        CyclicBarrier barrier = new CyclicBarrier(3);
        List<Integer> items = List.of(1, 2, 3);
        // Each waits for the two others: one after the other would time out.
        assertThat(Parallel.filter(items, item -> {
                    try {
                        barrier.await(10, TimeUnit.SECONDS);
                        return item != 2;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .containsExactly(1, 3);
    }

    @Test
    void whatGoesWrongForOneIsToldAsItWas() {
        assertThatThrownBy(() -> Parallel.forEach(List.of("a"), item -> {
                    throw new TestbedException(item + ": full");
                }))
                .isInstanceOf(TestbedException.class)
                .hasMessage("a: full");
    }
}
