package dev.primacy.operator.postgres;

/** Where, inside the member's container, the client certificate of the role {@code primacy_replica} is. */
public record ReplicationFiles(String certificate, String key, String authority) {
    public static final ReplicationFiles MOUNTED = new ReplicationFiles(
            "/etc/primacy/replication/tls.crt", "/etc/primacy/replication/tls.key", "/etc/primacy/replication/ca.crt");
}
