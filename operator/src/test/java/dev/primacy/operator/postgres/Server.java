package dev.primacy.operator.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** One test server, a member named {@code orders-<number>}. */
public final class Server {
    private final Servers servers;
    private final String member;
    private final String home;
    private final int port;
    private String parameters = "";
    private String rules = "hostssl all all all scram-sha-256";
    private String config = "first";

    Server(Servers servers, int number) {
        this.servers = servers;
        this.member = "orders-" + number;
        this.home = servers.directory() + "/" + member;
        this.port = freePort();
        servers.machine()
                .all(
                        "mkdir " + home + "; cp -r " + servers.machine().template() + " " + data() + "; mkdir " + home
                                + "/config; : >" + home + "/config/pg_ident.conf",
                        settings(),
                        access());
    }

    public String member() {
        return member;
    }

    public int port() {
        return port;
    }

    public String data() {
        return home + "/data";
    }

    public Endpoint endpoint() {
        return new Endpoint(member, "127.0.0.1", port, null);
    }

    public Mandate mandate(long epoch) {
        return new Mandate(endpoint(), epoch, Duration.ofSeconds(5));
    }

    /** What the ConfigMap would bring: files with this hash and these parameters. */
    Server configure(String newConfig, String newParameters) {
        config = newConfig;
        parameters = newParameters;
        servers.machine().all(settings(), access());
        return this;
    }

    private String settings() {
        String settings = """
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = '%s'
                wal_level = replica
                wal_log_hints = on
                hot_standby = on
                restart_after_crash = off
                fsync = off
                wal_retrieve_retry_interval = '300ms'
                wal_receiver_timeout = '5s'
                wal_sender_timeout = '5s'
                wal_receiver_status_interval = '1s'
                log_statement = 'all'
                shared_buffers = '16MB'
                ssl = on
                ssl_cert_file = '%s'
                ssl_key_file = '%s'
                ssl_ca_file = '%s'
                primacy.epoch = '0'
                primacy.promotable = ''
                primacy.config = '%s'
                """.formatted(
                port, home, servers.tls("server.crt"), servers.tls("server.key"), servers.tls("ca.crt"), config);
        return Machine.write(home + "/config/postgresql.conf", settings + parameters);
    }

    Server allow(String newRules) {
        rules = newRules;
        servers.machine().all(access());
        return this;
    }

    private String access() {
        String fixed = """
                local   all          postgres              trust
                hostssl all          primacy          all  cert
                hostssl replication  primacy_replica  all  cert
                """;
        return Machine.write(home + "/config/pg_hba.conf", fixed + rules);
    }

    Server signal() {
        servers.machine().shell("touch " + data() + "/standby.signal");
        return this;
    }

    public Server start(String... options) {
        return startWithin(60, options);
    }

    Server startWithin(int seconds, String... options) {
        String all = "-c config_file=%1$s/config/postgresql.conf -c hba_file=%1$s/config/pg_hba.conf"
                + " -c ident_file=%1$s/config/pg_ident.conf -c cluster_name=%2$s " + String.join(" ", options);
        servers.machine()
                .shell(pgCtl() + " -s -w -t " + seconds + " -l " + home + "/log -o '" + all.formatted(home, member)
                        + "' start </dev/null || { cat " + home + "/log; exit 1; }");
        return this;
    }

    public Server stop() {
        servers.machine().shell(pgCtl() + " -s -w -m fast stop");
        return this;
    }

    /** As a crash would end it; no matter if it does not run. */
    public void kill() {
        servers.machine()
                .shell("if [ -f %1$s/postmaster.pid ]; then kill -QUIT $(head -1 %1$s/postmaster.pid) || true;"
                                .formatted(data())
                        + " while kill -0 $(head -1 %1$s/postmaster.pid) 2>/dev/null; do sleep 0.02; done; fi"
                                .formatted(data()));
    }

    /** Runs one function of the script that starts PostgreSQL in a pod, which may use those that stand on one line. */
    void script(String function) {
        try (InputStream in = Objects.requireNonNull(
                Server.class.getResourceAsStream("/dev/primacy/operator/render/instance.sh"), "instance.sh")) {
            String whole = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int begin = whole.indexOf("\n" + function + "() {");
            String body = whole.substring(begin, whole.indexOf("\n}\n", begin) + 3);
            String oneLiners = whole.lines()
                    .filter(line -> line.matches("\\w+\\(\\) \\{ .*}( .*)?"))
                    .collect(Collectors.joining("\n"));
            Machine machine = servers.machine();
            machine.shell("set +e; shopt -s nullglob; PATH=" + machine.binaries() + ":$PATH; PGDATA=" + data() + "\n"
                    + oneLiners + body + function);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String log() {
        return servers.machine().shell("cat " + home + "/log");
    }

    String file(String name) {
        return servers.machine().shell("cat " + data() + "/" + name);
    }

    boolean has(String name) {
        return servers.machine()
                .shell("[ -e " + data() + "/" + name + " ] && echo yes || echo no")
                .startsWith("yes");
    }

    /** As an administrator would, over a session of its own. */
    public String sql(String statement) {
        return sql("postgres", statement);
    }

    /** The first value that a SELECT or SHOW brings; empty otherwise. */
    String sql(String database, String statement) {
        try (SqlSession session =
                Servers.connector("administrator").open(endpoint(), database, Duration.ofSeconds(10))) {
            if (!statement.startsWith("SELECT") && !statement.startsWith("SHOW")) {
                session.run(statement);
                return "";
            }
            var rows = session.rows(statement);
            return rows.isEmpty() ? "" : rows.getFirst().getFirst();
        } catch (SQLException e) {
            throw new AssertionError(statement + ": " + e.getMessage(), e);
        }
    }

    private String pgCtl() {
        return servers.machine().binaries() + "/pg_ctl -D " + data();
    }

    /** Below those that the kernel gives to clients (32768 and above): one of them could have it while the server restarts. */
    private static int freePort() {
        for (int tries = 0; tries < 100; tries++) {
            int port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // another one
            }
        }
        throw new IllegalStateException("100 ports were taken");
    }
}
