package dev.primacy.e2e.bench;

import dev.primacy.e2e.harness.Sql;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's own pgbench, its transactions of the kind TPC-B, six clients outside the cluster. It ends when it loses its connections, as
 * clients of an old primary do, and is started again at once.
 */
final class PgBench implements AutoCloseable {
    private static final Pattern PROGRESS = Pattern.compile("progress: [0-9.]+ s, ([0-9.]+) tps.*");

    /** PGPASSWORD and the other variables of libpq come from the environment: arguments are for all to see. */
    private static final String SCRIPT = """
            pgbench --initialize --scale=10 --quiet || exit
            while :; do
              pgbench --client=6 --jobs=2 --progress=1 --time=600
              sleep 0.05
            done
            """;

    private record Second(long at, double transactions) {}

    private final Process process;
    private final List<Second> seconds = new CopyOnWriteArrayList<>();

    private PgBench(Process process) {
        this.process = process;
    }

    static PgBench begin(Sql sql) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                "docker",
                "run",
                "--rm",
                "--interactive",
                "--init",
                "--network=host",
                "--env=PGHOST",
                "--env=PGPORT",
                "--env=PGDATABASE",
                "--env=PGUSER",
                "--env=PGPASSWORD",
                "--env=PGSSLMODE=require",
                "--env=PGCONNECT_TIMEOUT=2",
                "postgres:17",
                "bash",
                "-c",
                SCRIPT);
        builder.environment().put("PGHOST", sql.host());
        builder.environment().put("PGPORT", Integer.toString(sql.port()));
        builder.environment().put("PGDATABASE", sql.database());
        builder.environment().put("PGUSER", sql.user());
        builder.environment().put("PGPASSWORD", sql.password());
        PgBench bench = new PgBench(builder.redirectErrorStream(true).start());
        Thread.ofVirtual().name("pgbench").start(bench::read);
        return bench;
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher progress = PROGRESS.matcher(line);
                if (progress.matches()) {
                    seconds.add(new Second(
                            System.nanoTime(), Double.parseDouble(Objects.requireNonNull(progress.group(1)))));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAtWork() {
        return seconds.size() > 10;
    }

    /** Transactions a second between two moments of {@link System#nanoTime}; each second counts where it was told. */
    double perSecond(long from, long to) {
        double transactions = seconds.stream()
                .filter(second -> second.at() > from && second.at() <= to)
                .mapToDouble(Second::transactions)
                .sum();
        return transactions * TimeUnit.SECONDS.toNanos(1) / (to - from);
    }

    @Override
    public void close() {
        process.destroy();
    }
}
