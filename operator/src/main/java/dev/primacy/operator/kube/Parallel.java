package dev.primacy.operator.kube;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.slf4j.MDC;

/** Does the same to several things at once, each on a virtual thread that logs under the caller's keys. */
final class Parallel {
    private Parallel() {}

    /** Results in the order of the items; the first failure is thrown after all have ended. */
    static <T, R> List<R> map(List<T> items, Function<T, R> work) {
        if (items.size() < 2) {
            return items.stream().map(work).toList();
        }
        Map<String, String> keys = MDC.getCopyOfContextMap();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<R>> under = items.stream()
                    .map(item -> threads.submit(() -> {
                        if (keys != null) {
                            MDC.setContextMap(keys);
                        }
                        return work.apply(item);
                    }))
                    .toList();
            return under.stream().map(Parallel::result).toList();
        }
    }

    private static <R> R result(Future<R> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
