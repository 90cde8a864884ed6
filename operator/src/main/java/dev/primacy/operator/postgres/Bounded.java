package dev.primacy.operator.postgres;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends what takes too long. The driver's own limits bound single reads, not the sum of them; an interrupt closes the socket on
 * which a virtual thread waits, so nothing is left behind.
 */
final class Bounded {
    private Bounded() {}

    interface Work<T> {
        T run() throws SQLException;
    }

    static <T> T within(Duration time, Work<T> work) throws SQLException {
        FutureTask<T> task = new FutureTask<>(work::run);
        Thread.ofVirtual().name("primacy-sql").start(task);
        try {
            return task.get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new SQLTimeoutException("no answer in time", e);
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new SQLTimeoutException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("unforeseen failure of SQL work", e.getCause());
        }
    }
}
