package dev.primacy.operator.instance;

import dev.primacy.operator.shell.Result;
import java.util.ArrayList;
import java.util.List;

/** PostgreSQL without the script, to try what PostgreSQL itself does. */
final class Bare implements AutoCloseable {

    private final String container;

    /** Containers that share a volume are two nodes that share one, with PIDs and IPC of their own. */
    Bare(Lab lab, String name, String volume) {
        container = lab.network() + "-" + name;
        List<String> command = new ArrayList<>(List.of(
                "run",
                "-d",
                "--init",
                "--label",
                "primacy.dev/lab",
                "--name",
                container,
                "--user",
                "0",
                "-e",
                "LC_ALL=C.UTF-8",
                "-v",
                volume + ":/data",
                "--entrypoint",
                "sleep",
                lab.image(),
                "infinity"));
        Docker.run(command.toArray(String[]::new));
        Docker.run("exec", container, "chown", "999:999", "/data");
    }

    String exec(String script) {
        return Docker.feed(script, "exec", "-i", "-u", "999", container, "bash", "-s");
    }

    Result tryExec(String script) {
        return Docker.attempt(script, "exec", "-i", "-u", "999", container, "bash", "-s");
    }

    Bare initdb() {
        exec(
                "initdb -D /data/pg -U postgres -A trust --no-sync >/dev/null; echo \"wal_log_hints = on\" >>/data/pg/postgresql.conf");
        return this;
    }

    /** Its log is /tmp/log. */
    Result start(String options) {
        return tryExec("pg_ctl -D /data/pg -l /tmp/log -w -t 10 -o \"-k /tmp " + options + "\" start");
    }

    String sql(String sql) {
        return Docker.feed(
                sql,
                "exec",
                "-i",
                "-u",
                "999",
                container,
                "psql",
                "-h",
                "/tmp",
                "-U",
                "postgres",
                "-XAtq",
                "-v",
                "ON_ERROR_STOP=1");
    }

    String log() {
        return exec("cat /tmp/log");
    }

    @Override
    public void close() {
        Docker.attempt("", "rm", "-f", "-v", container);
    }
}
