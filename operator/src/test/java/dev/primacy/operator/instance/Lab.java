package dev.primacy.operator.instance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.postgres.Commands;
import dev.primacy.operator.postgres.Connector;
import dev.primacy.operator.postgres.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;

/**
 * Members of a cluster {@code orders}: one container each, mounted as the operator renders a pod, and no operator. A test
 * plays the operator's part.
 */
final class Lab implements AutoCloseable {

    static final int POSTGRES_UID = 999;

    /** For what has no bound of its own: a busy machine takes its time. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** By version: where a stopped member's volume is kept that the script initialised. */
    private static final Map<Integer, String> INITIALISED = new ConcurrentHashMap<>();

    static {
        Awaitility.setDefaultTimeout(PATIENCE);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(50));
    }

    private static final Certificates CERTIFICATES = Certificates.issue();

    /** What the operator renders, with a parameter or two that tests change. */
    static final String POSTGRESQL_CONF = """
            listen_addresses = '*'
            port = 5432
            hot_standby = on
            wal_level = replica
            wal_log_hints = on
            restart_after_crash = off
            superuser_reserved_connections = 3
            max_wal_senders = 10
            max_replication_slots = 10
            max_slot_wal_keep_size = '1GB'
            wal_keep_size = '64MB'
            wal_sender_timeout = '5s'
            wal_receiver_timeout = '5s'
            wal_receiver_status_interval = '1s'
            wal_retrieve_retry_interval = '300ms'
            ssl = on
            ssl_cert_file = '/etc/primacy/tls/tls.crt'
            ssl_key_file = '/etc/primacy/tls/tls.key'
            ssl_ca_file = '/etc/primacy/replication/ca.crt'
            primacy.epoch = '0'
            primacy.promotable = ''
            primacy.config = 'first'
            shared_buffers = '16MB'
            """;

    static final String PG_HBA_CONF = """
            local   all          postgres                                     trust
            hostssl all          primacy                             all      cert
            hostssl replication  primacy_replica                     all      cert
            hostssl postgres     primacy_replica                     all      cert
            host    all          postgres,primacy,primacy_replica    all      reject
            hostssl all          all                                 all      scram-sha-256
            """;

    /** As BASH_ENV it gives the script a log that nobody reads: a pipe whose other end it holds itself. */
    static final String UNREAD =
            "if (($$ == 1)); then mkfifo /run/primacy/unread; exec 7<>/run/primacy/unread 2>&7; fi\n";

    private final int version;
    private final String id = "primacy-lab-" + UUID.randomUUID().toString().substring(0, 8);
    private final Path directory;
    private final Kubelet kubelet;
    private final List<Member> members = new ArrayList<>();
    private final List<String> fullable = new ArrayList<>();
    private final Thread leftovers = Thread.ofPlatform().unstarted(this::remove);

    Lab(int version) {
        this.version = version;
        // Also when the tests are interrupted, nothing stays behind.
        Runtime.getRuntime().addShutdownHook(leftovers);
        assertThat(Docker.attempt("", "image", "inspect", image()).status())
                .as("image %s; ./dev images pulls or builds it", image())
                .isZero();
        Docker.run("network", "create", "--label", "primacy.dev/lab", id);
        kubelet = new Kubelet(image(), id);
        try {
            directory = Files.createTempDirectory(id);
            Files.writeString(directory.resolve("ca.crt"), CERTIFICATES.authority());
            Files.writeString(
                    directory.resolve("tls.crt"), CERTIFICATES.operator().certificate());
            Path key = directory.resolve("tls.pk8");
            Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(key, CERTIFICATES.operator().der());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int version() {
        return version;
    }

    String image() {
        return "postgres:" + version;
    }

    String network() {
        return id;
    }

    /** Client certificate of role primacy, for the JDBC driver. */
    Path operatorFiles() {
        return directory;
    }

    Kubelet kubelet() {
        return kubelet;
    }

    /** What the operator itself does to members. */
    Commands commands() {
        Certificates.Issued client = CERTIFICATES.operator();
        return new Commands(
                new Connector("test", Tls.of(client.certificate(), client.key(), CERTIFICATES.authority())));
    }

    /** A member on an empty volume. The environment comes on top of what every pod has. */
    Member member(int number, Map<String, String> environment) {
        return member(number, environment, volume("data-" + number));
    }

    Member member(int number, Map<String, String> environment, String dataVolume) {
        return member(number, environment, dataVolume, POSTGRES_UID, POSTGRES_UID);
    }

    Member member(int number, Map<String, String> environment, String dataVolume, int uid, int group) {
        String pod = number + "-" + members.size();
        String etc = volume("etc-" + pod);
        String run = volume("run-" + pod);
        project(etc, group);
        kubelet.run(run, "chmod 0777 .");
        if (!fullable.contains(dataVolume)) {
            kubelet.run(dataVolume, "chgrp %d . && chmod 2775 .".formatted(group));
        }
        Map<String, String> variables = new LinkedHashMap<>(Map.of(
                "PGDATA", "/var/lib/primacy/pgdata",
                "PRIMACY_CLUSTER", "orders",
                "PRIMACY_MEMBER", "orders-" + number,
                "PRIMACY_SLOT", "orders_" + number,
                "PRIMACY_SOURCE_HOST", "orders-1",
                "PRIMACY_TTL_SECONDS", "6",
                "LC_ALL", "C.UTF-8",
                "LANG", "C.UTF-8"));
        variables.putAll(Map.of("PGHOST", "/run/primacy/socket", "PGPORT", "5432", "PGUSER", "postgres"));
        variables.putAll(environment);
        Member member = new Member(this, number, id + "-" + pod, variables, etc, run, dataVolume, uid + ":" + group);
        members.add(member);
        return member;
    }

    /**
     * The first member of a cluster, a standby of nobody, as the script initialises it; a copy of one that it did initialise, where
     * that is not what a test is about.
     */
    Member initialised() {
        return initialised(Map.of());
    }

    Member initialised(Map<String, String> environment) {
        Member member = member(1, environment);
        kubelet.run(
                member.dataVolume(), "cp -a %s/. .".formatted(INITIALISED.computeIfAbsent(version, this::initialise)));
        return member.start().awaitRunning();
    }

    private String initialise(int ofVersion) {
        Member member = member(1, Map.of("PRIMACY_INITDB", "true"), volume("initialised"))
                .start()
                .awaitRunning();
        member.awaitPhase("running");
        member.signal("TERM");
        member.awaitExit(PATIENCE);
        String copy = "/pods/initialised-" + ofVersion;
        kubelet.run(member.dataVolume(), "cp -a . " + copy);
        return copy;
    }

    /** {@link #initialised()}, promoted, P being itself. */
    Member primary() {
        Member primary = initialised();
        primary.promote();
        return primary;
    }

    /** A standby cloned from {@code primary} and streaming from it. */
    Member standbyOf(Member primary, int number) {
        primary.sql("SELECT pg_create_physical_replication_slot('orders_%d', true)".formatted(number));
        Member standby = member(number, Map.of("PRIMACY_SOURCE_HOST", primary.host()))
                .start()
                .awaitRunning();
        standby.follow(primary);
        return standby;
    }

    String volume(String name) {
        return kubelet.volume(name);
    }

    /** A volume of its own that can be filled, {@code size} as tmpfs takes it; the kubelet's shell does not see into it. */
    String volumeOfSize(String size) {
        String volume = id + "-" + size;
        Docker.run(
                "volume",
                "create",
                "--label",
                "primacy.dev/lab",
                "-o",
                "type=tmpfs",
                "-o",
                "device=tmpfs",
                "-o",
                "o=size=%1$s,uid=0,gid=%2$d,mode=2775".formatted(size, POSTGRES_UID),
                volume);
        fullable.add(volume);
        return volume;
    }

    /** As the kubelet does it: files of root, group fsGroup, Secrets 0640. */
    private void project(String etc, int group) {
        StringBuilder script = new StringBuilder("set -e; umask 022; mkdir -p script config tls replication pod\n");
        Map<String, String> files = new LinkedHashMap<>();
        files.put("script/instance.sh", script());
        files.put("config/postgresql.conf", POSTGRESQL_CONF);
        files.put("config/pg_hba.conf", PG_HBA_CONF);
        files.put("config/pg_ident.conf", "");
        files.put("pod/instruction", "");
        files.put("pod/role", "");
        files.put("pod/unread", UNREAD);
        files.put("tls/ca.crt", CERTIFICATES.authority());
        files.put("tls/tls.crt", CERTIFICATES.server().certificate());
        files.put("tls/tls.key", CERTIFICATES.server().key());
        files.put("replication/ca.crt", CERTIFICATES.authority());
        files.put("replication/tls.crt", CERTIFICATES.replication().certificate());
        files.put("replication/tls.key", CERTIFICATES.replication().key());
        files.forEach((path, text) -> script.append(write(path, text)).append('\n'));
        script.append("chgrp %1$d tls/* replication/*; chmod 0640 tls/* replication/*".formatted(group));
        kubelet.run(etc, script.toString());
    }

    /** The shell command that writes a file. */
    static String write(String path, String text) {
        return "base64 -d >%s <<<'%s'".formatted(path, Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
    }

    private static String script() {
        try (InputStream in = Objects.requireNonNull(
                Lab.class.getResourceAsStream("/dev/primacy/operator/render/instance.sh"), "instance.sh")) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(leftovers);
        members.forEach(Member::keepLog);
        remove();
        kubelet.close();
    }

    private void remove() {
        List<String> containers = new ArrayList<>(List.of("rm", "-f", "-v"));
        members.forEach(member -> containers.add(member.container()));
        Docker.attempt("", containers.toArray(String[]::new));
        for (String volume : fullable) {
            Docker.attempt("", "volume", "rm", "-f", volume);
        }
        Docker.attempt("", "network", "rm", id);
    }
}
