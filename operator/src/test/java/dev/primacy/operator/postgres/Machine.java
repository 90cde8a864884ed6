package dev.primacy.operator.postgres;

import dev.primacy.operator.shell.OpenShell;
import dev.primacy.operator.shell.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** Where test servers run: this machine with the PostgreSQL that is installed on it, or a container with some version. */
public interface Machine extends AutoCloseable {
    /** Runs as the user who owns the servers, with standard input; a failure is an assertion error. */
    String shell(String script, String input);

    default String shell(String script) {
        return shell(script, "");
    }

    /** The same, of commands that are put together: one call in a container costs as much as a hundred commands. */
    default String all(String... scripts) {
        return shell("bash -e", String.join("\n", scripts));
    }

    /** Commands that replace a file at once, as the kubelet does. */
    static String write(String file, String content) {
        return "(umask 077; cat >%1$s.new <<'END OF FILE'%n%2$s%nEND OF FILE%n)%nmv %1$s.new %1$s"
                .formatted(file, content.stripTrailing());
    }

    /** Where initdb and its like are. */
    String binaries();

    /** A data directory, never started, with the operator's roles; made once. */
    String template();

    /** Makes the template, as the script in a pod would make the first member. */
    static String initdb(Machine machine) {
        String template = "/tmp/primacy-template-" + UUID.randomUUID();
        machine.shell(machine.binaries() + "/initdb -D " + template
                + " --no-sync -U postgres --auth=reject -k --locale=C.UTF-8 -E UTF8");
        machine.shell(machine.binaries() + "/postgres --single -D " + template + " postgres", """
                CREATE ROLE primacy SUPERUSER LOGIN
                CREATE ROLE primacy_replica REPLICATION LOGIN
                """);
        return template;
    }

    @Override
    void close();

    /** Empty where no PostgreSQL server is installed. */
    static Optional<Machine> local() {
        Path versions = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(versions)) {
            return Optional.empty();
        }
        try (Stream<Path> found = Files.list(versions)) {
            return found.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Path::compareTo)
                    .map(bin -> new Local(bin.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** PostgreSQL refuses to run as root, so there it runs as the user that Debian's package makes. */
    record Local(String binaries) implements Machine {
        private static final Map<Local, String> TEMPLATES = new ConcurrentHashMap<>();

        @Override
        public String template() {
            return TEMPLATES.computeIfAbsent(this, machine -> {
                String made = Machine.initdb(machine);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> machine.shell("rm -rf " + made)));
                return made;
            });
        }

        @Override
        public String shell(String script, String input) {
            boolean root = "root".equals(System.getProperty("user.name"));
            List<String> command = root
                    ? List.of("runuser", "-u", "postgres", "--", "bash", "-ec", script)
                    : List.of("bash", "-ec", script);
            return Machine.run(command, input);
        }

        @Override
        public void close() {}
    }

    /** On the host's network, so that many servers differ by their ports. Process 1 is not ended by what the script's is sent. */
    record Container(String name, String binaries, List<String> templates, Queue<OpenShell> idle) implements Machine {
        private static final String PROCESS_ONE = "trap : USR1 USR2; while :; do sleep 3600 & wait; done";

        public static Container of(int version) {
            String name = "primacy-sql-" + UUID.randomUUID();
            Machine.run(
                    List.of(
                            "docker",
                            "run",
                            "-d",
                            "--rm",
                            "--network",
                            "host",
                            "--name",
                            name,
                            "--user",
                            "postgres",
                            "--tmpfs",
                            "/tmp:mode=1777",
                            "--entrypoint",
                            "bash",
                            "postgres:" + version,
                            "-c",
                            PROCESS_ONE),
                    "");
            return new Container(
                    name, "/usr/lib/postgresql/" + version + "/bin", new ArrayList<>(), new ConcurrentLinkedQueue<>());
        }

        @Override
        public synchronized String template() {
            if (templates.isEmpty()) {
                templates.add(Machine.initdb(this));
            }
            return templates.getFirst();
        }

        @Override
        public String shell(String script, String input) {
            OpenShell shell = Objects.requireNonNullElseGet(
                    idle.poll(), () -> new OpenShell("docker", "exec", "-i", name, "bash"));
            Result result = shell.run("set -e\n" + script, input);
            idle.add(shell);
            if (result.status() != 0) {
                throw new AssertionError("status " + result.status() + " of " + script + "\n" + result.output());
            }
            return result.output();
        }

        @Override
        public void close() {
            idle.forEach(OpenShell::close);
            Machine.run(List.of("docker", "rm", "-f", name), "");
        }
    }

    private static String run(List<String> command, String input) {
        try {
            Path in = Files.createTempFile("primacy", ".in");
            Path out = Files.createTempFile("primacy", ".out");
            try {
                Files.writeString(in, input);
                Process process = new ProcessBuilder(command)
                        .redirectInput(in.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
                int status = process.waitFor();
                String output = new String(Files.readAllBytes(out), StandardCharsets.UTF_8);
                if (status != 0) {
                    throw new AssertionError("status " + status + " of " + command.getLast() + "\n" + output);
                }
                return output;
            } finally {
                Files.delete(in);
                Files.delete(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
