package dev.primacy.operator.instance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** One member's container, restricted as its pod is. */
final class Member {

    private final Lab lab;
    private final int number;
    private final Map<String, String> environment;
    private final String etc;
    private final String data;
    private final String user;

    Member(Lab lab, int number, Map<String, String> environment, String etc, String data, String user) {
        this.lab = lab;
        this.number = number;
        this.environment = environment;
        this.etc = etc;
        this.data = data;
        this.user = user;
    }

    String name() {
        return "orders-" + number;
    }

    /** Its name in the lab's network. */
    String host() {
        return name();
    }

    String container() {
        return etc.replace("-etc-", "-orders-");
    }

    String dataVolume() {
        return data;
    }

    /** Outlives the container's restarts, as an emptyDir does. */
    private String run() {
        return etc.replace("-etc-", "-run-");
    }

    Member start() {
        List<String> command = new ArrayList<>(List.of(
                "run",
                "-d",
                "--label",
                "primacy.dev/lab",
                "--name",
                container(),
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
                run() + ":/run/primacy",
                "--tmpfs",
                "/tmp:mode=1777",
                "--tmpfs",
                "/dev/shm:mode=1777"));
        environment.forEach((key, value) -> command.addAll(List.of("-e", key + "=" + value)));
        command.addAll(List.of("--entrypoint", "/bin/bash", lab.image(), "/etc/primacy/script/instance.sh"));
        Docker.run(command.toArray(String[]::new));
        return this;
    }

    // ------------------------------------------------------------------------------------------ inside

    /** Runs a command as the container's user. */
    String exec(String script) {
        return Docker.feed(script, "exec", "-i", container(), "bash", "-s");
    }

    Docker.Result tryExec(String script) {
        return Docker.attempt(script, "exec", "-i", container(), "bash", "-s");
    }

    boolean exists(String file) {
        return tryExec("test -e " + file).status() == 0;
    }

    /** Replaces a mounted file as the kubelet does: at once, with a new time. */
    void mount(String file, String text) {
        String encoded = Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
        Docker.feed(
                "base64 -d >/etc/primacy/%1$s.new <<<%2$s; mv /etc/primacy/%1$s.new /etc/primacy/%1$s"
                        .formatted(file, encoded),
                "exec",
                "-i",
                "-u",
                "0",
                container(),
                "bash",
                "-s");
    }

    /** Before its start. */
    Member withConfiguration(String postgresqlConf) {
        Docker.feed(
                postgresqlConf,
                "run",
                "--rm",
                "-i",
                "-v",
                etc + ":/etc/primacy",
                "--entrypoint",
                "cp",
                lab.image(),
                "/dev/stdin",
                "/etc/primacy/config/postgresql.conf");
        return this;
    }

    void unmount(String file) {
        Docker.run("exec", "-u", "0", container(), "rm", "/etc/primacy/" + file);
    }

    void instruct(String instruction) {
        mount("pod/instruction", instruction);
    }

    int postmaster() {
        return Integer.parseInt(exec("head -1 /var/lib/primacy/pgdata/postmaster.pid"));
    }

    String phase() {
        return tryExec("cat /run/primacy/phase").output();
    }

    boolean live() {
        return Docker.attempt("", "exec", container(), "bash", "/etc/primacy/script/instance.sh", "live")
                        .status()
                == 0;
    }

    void signal(String signal) {
        Docker.run("kill", "-s", signal, container());
    }

    /** The container's exit code, once it has ended. */
    int awaitExit(Duration limit) {
        await().atMost(limit)
                .until(() -> Docker.run("inspect", "-f", "{{.State.Running}}", container())
                        .equals("false"));
        return Integer.parseInt(Docker.run("inspect", "-f", "{{.State.ExitCode}}", container()));
    }

    String log() {
        return Docker.run("logs", container());
    }

    /** Time between the first log lines that contain these. */
    Duration between(String earlier, String later) {
        List<String> lines = Docker.run("logs", "-t", container()).lines().toList();
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
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(log().split(java.util.regex.Pattern.quote(text), -1))
                        .as("%s in the log of %s", text, name())
                        .hasSizeGreaterThan(times));
        return this;
    }

    // ------------------------------------------------------------------------------------------ SQL

    /** As postgres over the local socket; the last statement's result. */
    String sql(String... statements) {
        Docker.Result result = trySql(statements);
        assertThat(result.status())
                .as("%s on %s: %s", List.of(statements), name(), result.output())
                .isZero();
        return result.output();
    }

    Docker.Result trySql(String... statements) {
        List<String> command = new ArrayList<>(List.of(
                "exec",
                container(),
                "timeout",
                "10",
                "psql",
                "-h",
                "/run/primacy/socket",
                "-U",
                "postgres",
                "-XAtq",
                "-v",
                "ON_ERROR_STOP=1"));
        for (String statement : statements) {
            command.addAll(List.of("-c", statement));
        }
        return Docker.attempt("", command.toArray(String[]::new));
    }

    boolean answers() {
        return trySql("SELECT 1").output().equals("1");
    }

    boolean inRecovery() {
        return sql("SELECT pg_is_in_recovery()").equals("t");
    }

    Member awaitRunning() {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(answers())
                        .as("%s answers; phase %s", name(), phase())
                        .isTrue());
        return this;
    }

    /** Running as a standby, which it may not be yet. */
    Member awaitStandby() {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> trySql("SELECT pg_is_in_recovery()").output().equals("t"));
        return this;
    }

    void follow(Member primary) {
        sql(
                "ALTER SYSTEM SET primary_slot_name = 'orders_%d'".formatted(number),
                ("ALTER SYSTEM SET primary_conninfo = 'host=%s port=5432 user=primacy_replica sslmode=verify-ca"
                                + " sslrootcert=/etc/primacy/tls/ca.crt sslcert=/etc/primacy/replication/tls.crt"
                                + " sslkey=/etc/primacy/replication/tls.key'")
                        .formatted(primary.host()),
                "SELECT pg_reload_conf()");
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> primary.sql("SELECT count(*) FROM pg_stat_replication WHERE application_name = '" + name()
                                + "' AND state = 'streaming'")
                        .equals("1"));
    }

    /** The operator's way in: role primacy by client certificate over TCP. */
    Connection operator() throws SQLException {
        String address =
                Docker.run("port", container(), "5432").lines().findFirst().orElseThrow();
        Path files = lab.operatorFiles();
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "user", "primacy",
                "sslmode", "verify-ca",
                "sslrootcert", files.resolve("ca.crt").toString(),
                "sslcert", files.resolve("tls.crt").toString(),
                "sslkey", files.resolve("tls.pk8").toString(),
                "connectTimeout", "2",
                "socketTimeout", "5",
                "ApplicationName", "primacy:test"));
        return DriverManager.getConnection("jdbc:postgresql://" + address + "/postgres", properties);
    }

    /** The log of a test's container stays for whoever looks at a failure. */
    void keepLog() {
        try {
            Path logs = Files.createDirectories(Path.of("target", "instance-logs"));
            Files.writeString(
                    logs.resolve(container() + ".log"),
                    Docker.attempt("", "logs", "-t", container()).output());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
