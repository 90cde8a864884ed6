package dev.primacy.operator.instance;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.primacy.operator.postgres.Endpoint;
import dev.primacy.operator.postgres.Mandate;
import dev.primacy.operator.shell.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One member's container, restricted as its pod is. */
final class Member {

    private final Lab lab;
    private final int number;
    private final String container;
    private final Map<String, String> environment;
    private final String etc;
    private final String run;
    private final String data;
    private final String user;
    private final Path log;
    private @Nullable Process follower;
    private @Nullable String address;

    Member(
            Lab lab,
            int number,
            String container,
            Map<String, String> environment,
            String etc,
            String run,
            String data,
            String user) {
        this.lab = lab;
        this.number = number;
        this.container = container;
        this.environment = environment;
        this.etc = etc;
        this.run = run;
        this.data = data;
        this.user = user;
        this.log = lab.operatorFiles().resolve(container + ".log");
    }

    String name() {
        return "orders-" + number;
    }

    /** Its name in the lab's network. */
    String host() {
        return name();
    }

    String container() {
        return container;
    }

    String dataVolume() {
        return data;
    }

    Member start() {
        List<String> command = new ArrayList<>(List.of(
                "run",
                "-d",
                "--label",
                "primacy.dev/lab",
                "--name",
                container,
                "--hostname",
                name(),
                "--network",
                lab.network(),
                "--network-alias",
                name(),
                "-p",
                "127.0.0.1::5432",
                "--user",
                user,
                "--read-only",
                "--cap-drop",
                "ALL",
                "--security-opt",
                "no-new-privileges",
                "-v",
                etc + ":/etc/primacy",
                "-v",
                data + ":/var/lib/primacy",
                "-v",
                run + ":/run/primacy",
                "--tmpfs",
                "/tmp:mode=1777",
                "--tmpfs",
                "/dev/shm:mode=1777"));
        environment.forEach((key, value) -> command.addAll(List.of("-e", key + "=" + value)));
        command.addAll(List.of("--entrypoint", "/bin/bash", lab.image(), "/etc/primacy/script/instance.sh"));
        Docker.run(command.toArray(String[]::new));
        followLog();
        return this;
    }

    /** The same container again, after its end. */
    Member startAgain() {
        Docker.run("start", container);
        address = null;
        followLog();
        return this;
    }

    private void followLog() {
        try {
            follower = new ProcessBuilder(Docker.command("logs", "-f", "-t", container))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ------------------------------------------------------------------------------------------ inside

    /** Runs a command as the container's user. */
    String exec(String script) {
        return Docker.feed(script, "exec", "-i", container, "bash", "-s");
    }

    Result tryExec(String script) {
        return Docker.attempt(script, "exec", "-i", container, "bash", "-s");
    }

    /** Whether its volume has that file. */
    boolean has(String file) {
        return lab.kubelet().attempt(data, "test -e " + file).status() == 0;
    }

    /** By root in the directory of its volume, whether the container runs or not. */
    String onVolume(String script) {
        return lab.kubelet().run(data, script);
    }

    /** Replaces a mounted file as the kubelet does: at once, with a new time. */
    Member mount(String file, String text) {
        lab.kubelet().run(etc, Lab.write(file + ".new", text) + " && mv %1$s.new %1$s".formatted(file));
        return this;
    }

    void unmount(String file) {
        lab.kubelet().run(etc, "rm " + file);
    }

    void instruct(String instruction) {
        mount("pod/instruction", instruction);
    }

    /** Its process id in the container. */
    int postmaster() {
        return Integer.parseInt(onVolume("head -1 pgdata/postmaster.pid"));
    }

    String phase() {
        return lab.kubelet().attempt(run, "cat phase").output();
    }

    Member awaitPhase(String phase) {
        await().untilAsserted(() -> assertThat(phase()).isEqualTo(phase));
        return this;
    }

    boolean live() {
        return Docker.attempt("", "exec", container, "bash", "/etc/primacy/script/instance.sh", "live")
                        .status()
                == 0;
    }

    void signal(String signal) {
        Docker.run("kill", "-s", signal, container);
    }

    /** As the kubelet does, and waits for the end. */
    void stop() {
        signal("TERM");
        awaitExit(Duration.ofSeconds(10));
    }

    /** The container's exit code, once it has ended. */
    int awaitExit(Duration limit) {
        int code = Integer.parseInt(Docker.run(limit, "wait", container));
        try {
            assertThat(requireNonNull(follower).waitFor(10, TimeUnit.SECONDS))
                    .as("the log of %s ends with it", container)
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return code;
    }

    String log() {
        return logLines().map(line -> line.substring(line.indexOf(' ') + 1)).collect(joining("\n"));
    }

    private Stream<String> logLines() {
        try {
            return Files.readString(log).lines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Time between the first log lines that contain these. */
    Duration between(String earlier, String later) {
        List<String> lines = logLines().toList();
        return Duration.between(first(lines, earlier), first(lines, later));
    }

    private static Instant first(List<String> lines, String text) {
        String line = lines.stream().filter(l -> l.contains(text)).findFirst().orElseThrow();
        return Instant.parse(line.substring(0, line.indexOf(' ')));
    }

    Member awaitLog(String text) {
        return awaitLog(text, 1);
    }

    Member awaitLog(String text, int times) {
        await().untilAsserted(() -> assertThat(log().split(Pattern.quote(text), -1))
                .as("%s in the log of %s", text, name())
                .hasSizeGreaterThan(times));
        return this;
    }

    // ------------------------------------------------------------------------------------------ SQL

    /** The last statement's result. */
    String sql(String... statements) {
        Result result = trySql(statements);
        assertThat(result.status())
                .as("%s on %s: %s", List.of(statements), name(), result.output())
                .isZero();
        return result.output();
    }

    /** In a session of their own, each statement a transaction. */
    Result trySql(String... statements) {
        String last = "";
        try (Connection session = operator();
                Statement statement = session.createStatement()) {
            for (String sql : statements) {
                last = statement.execute(sql) ? values(statement.getResultSet()) : "";
            }
            return new Result(0, last);
        } catch (SQLException e) {
            return new Result(1, String.valueOf(e.getMessage()));
        }
    }

    private static String values(ResultSet rows) throws SQLException {
        List<String> values = new ArrayList<>();
        while (rows.next()) {
            values.add(Objects.requireNonNullElse(rows.getString(1), ""));
        }
        return String.join("\n", values);
    }

    boolean answers() {
        return trySql("SELECT 1").output().equals("1");
    }

    boolean inRecovery() {
        return sql("SELECT pg_is_in_recovery()").equals("t");
    }

    Member awaitRunning() {
        await().untilAsserted(() -> assertThat(trySql("SELECT 1"))
                .as("%s answers; phase %s", name(), phase())
                .isEqualTo(new Result(0, "1")));
        return this;
    }

    /** Running as a standby, which it may not be yet. */
    Member awaitStandby() {
        await().untilAsserted(() -> assertThat(trySql("SELECT pg_is_in_recovery()"))
                .as("%s is a standby; phase %s", name(), phase())
                .isEqualTo(new Result(0, "t")));
        return this;
    }

    /** P is itself: nobody else's leave is needed. The checkpoint is rule 8's; to it others can be rewound. */
    void promote() {
        sql("ALTER SYSTEM SET primacy.promotable = '%s'".formatted(name()), "SELECT pg_promote()", "CHECKPOINT");
    }

    void follow(Member primary) {
        sql(
                "ALTER SYSTEM SET primary_slot_name = 'orders_%d'".formatted(number),
                ("ALTER SYSTEM SET primary_conninfo = 'host=%s port=5432 user=primacy_replica sslmode=verify-ca"
                                + " sslrootcert=/etc/primacy/tls/ca.crt sslcert=/etc/primacy/replication/tls.crt"
                                + " sslkey=/etc/primacy/replication/tls.key'")
                        .formatted(primary.host()),
                "SELECT pg_reload_conf()");
        awaitStreamingFrom(primary);
    }

    void awaitStreamingFrom(Member primary) {
        await().untilAsserted(() -> assertThat(
                        primary.sql("SELECT state FROM pg_stat_replication WHERE application_name = '" + name() + "'"))
                .as("%s streams from %s", name(), primary.name())
                .isEqualTo("streaming"));
    }

    /** The operator's way in: role primacy by client certificate over TCP. */
    Connection operator() throws SQLException {
        Path files = lab.operatorFiles();
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "user", "primacy",
                "sslmode", "verify-ca",
                "sslrootcert", files.resolve("ca.crt").toString(),
                "sslcert", files.resolve("tls.crt").toString(),
                "sslkey", files.resolve("tls.pk8").toString(),
                "connectTimeout", "5",
                "sslResponseTimeout", "20000",
                "socketTimeout", "20",
                "ApplicationName", "primacy:test"));
        return DriverManager.getConnection("jdbc:postgresql://" + address() + "/postgres", properties);
    }

    /** More than PostgreSQL (15 to 18) says of a transaction in its log: 64. It stays open until the connection is closed. */
    Connection withManySubtransactions(String table) throws SQLException {
        Connection connection = operator();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (int i = 0; i < 100; i++) {
                statement.execute("SAVEPOINT s" + i);
                statement.execute("INSERT INTO " + table + " VALUES (" + i + ")");
            }
        }
        return connection;
    }

    private String address() {
        String known = address;
        if (known == null) {
            known = Docker.run("port", container, "5432").lines().findFirst().orElseThrow();
            address = known;
        }
        return known;
    }

    /** The leave to act on it as the operator does. */
    Mandate mandate(long epoch) {
        String[] known = address().split(":");
        return new Mandate(new Endpoint(name(), known[0], Integer.parseInt(known[1]), null), epoch, Lab.PATIENCE);
    }

    /** Sessions until there is no room for another. */
    List<Connection> takeAllConnections() {
        List<Connection> taken = new ArrayList<>();
        while (true) {
            try {
                taken.add(operator());
            } catch (SQLException e) {
                assertThat(e.getMessage()).contains("too many clients");
                return taken;
            }
        }
    }

    /** The log of a test's container stays for whoever looks at a failure. */
    void keepLog() {
        try {
            if (Files.exists(log)) {
                Path logs = Files.createDirectories(Path.of("target", "instance-logs"));
                Files.copy(log, logs.resolve(container + ".log"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
