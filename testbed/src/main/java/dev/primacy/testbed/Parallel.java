package dev.primacy.testbed;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The same for several nodes at once. */
final class Parallel {
    private Parallel() {}

    static <T> void forEach(List<T> items, Consumer<T> work) {
        filter(items, item -> {
            work.accept(item);
            return true;
        });
    }

    static <T> List<T> filter(List<T> items, Predicate<T> test) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> results = items.stream()
                    .map(item -> threads.submit(() -> test.test(item)))
                    .toList();
            List<T> passed = new ArrayList<>();
            for (int i = 0; i < items.size(); i++) {
                if (results.get(i).get()) {
                    passed.add(items.get(i));
                }
            }
            return passed;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new TestbedException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TestbedException("interrupted", e);
        }
    }
}
