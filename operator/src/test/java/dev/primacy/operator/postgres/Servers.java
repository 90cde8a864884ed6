package dev.primacy.operator.postgres;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Servers of one cluster {@code orders}, all copies of one initdb, with the roles, files and certificates that pods have. */
public final class Servers implements AutoCloseable {
    static final Authority AUTHORITY = authority();

    private final Machine machine;
    private final String directory = "/tmp/primacy-" + UUID.randomUUID();
    private final List<Server> servers = new ArrayList<>();

    public Servers(Machine machine) {
        this.machine = machine;
        Authority.Issued server = AUTHORITY.server("orders", List.of("localhost"), Instant.now(), Duration.ofDays(1));
        Authority.Issued replication = AUTHORITY.client("primacy_replica", Instant.now(), Duration.ofDays(1));
        machine.all(
                "mkdir -p " + directory + "/tls; chmod 700 " + directory,
                Machine.write(tls("ca.crt"), AUTHORITY.certificate()),
                writing("server", server),
                writing("replication", replication));
    }

    private static Authority authority() {
        return Authority.create("orders", Instant.now(), Duration.ofDays(1));
    }

    public Machine machine() {
        return machine;
    }

    String directory() {
        return directory;
    }

    String tls(String file) {
        return directory + "/tls/" + file;
    }

    void write(String name, Authority.Issued issued) {
        machine.all(writing(name, issued));
    }

    private String writing(String name, Authority.Issued issued) {
        return Machine.write(tls(name + ".crt"), issued.certificate()) + "\n"
                + Machine.write(tls(name + ".key"), issued.key());
    }

    /** As the kubelet would mount it in a pod, here in the test's own folder. */
    public ReplicationFiles replicationFiles() {
        return new ReplicationFiles(tls("replication.crt"), tls("replication.key"), tls("ca.crt"));
    }

    /** A conninfo with which a member's script reaches the server. */
    String replica(Server server) {
        return "host=localhost port=" + server.port() + " user=primacy_replica sslmode=verify-ca sslrootcert="
                + tls("ca.crt") + " sslcert=" + tls("replication.crt") + " sslkey=" + tls("replication.key");
    }

    public static Connector connector(String identity) {
        return connector(identity, AUTHORITY);
    }

    /** With a certificate of an authority that the servers do not know. */
    public static Connector stranger(String identity) {
        return connector(identity, Authority.create("stranger", Instant.now(), Duration.ofDays(1)));
    }

    private static Connector connector(String identity, Authority authority) {
        Authority.Issued client = authority.client("primacy", Instant.now(), Duration.ofDays(1));
        return new Connector(identity, Tls.of(client.certificate(), client.key(), AUTHORITY.certificate()));
    }

    /** Not started yet. */
    public Server server(int number) {
        Server server = new Server(this, number);
        servers.add(server);
        return server;
    }

    /** A standby of nobody, as every start of the script's makes one. */
    public Server standby(int number) {
        return server(number).signal().start();
    }

    public Server primary(int number) {
        return server(number).start();
    }

    @Override
    public void close() {
        servers.forEach(Server::kill);
        machine.shell("rm -rf " + directory);
    }
}
