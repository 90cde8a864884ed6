package dev.primacy.e2e.bench;

import dev.primacy.e2e.harness.Sql;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A client outside the cluster that tries until its first row is committed, over a new connection each time. */
final class FirstWrite {
    private static final long TRY_EVERY = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(5);

    private FirstWrite() {}

    /** As the owner, through -rw, with the credentials that the operator made. Returns when a row is committed. */
    static void through(KubernetesClient client, String namespace, String cluster) {
        Service service = client.services()
                .inNamespace(namespace)
                .withName(cluster + "-rw")
                .waitUntilCondition(seen -> seen != null && seen.getSpec().getClusterIP() != null, 5, TimeUnit.MINUTES);
        Secret secret = client.secrets()
                .inNamespace(namespace)
                .withName(cluster + "-app")
                .waitUntilCondition(seen -> seen != null && seen.getData() != null, 5, TimeUnit.MINUTES);
        into(new Sql(
                service.getSpec().getClusterIP(),
                Integer.parseInt(value(secret, "port")),
                value(secret, "database"),
                value(secret, "username"),
                value(secret, "password"),
                "require",
                null));
    }

    static void into(Sql sql) {
        long end = System.nanoTime() + PATIENCE;
        while (true) {
            try {
                sql.run(
                        "begin; create table first_write (at timestamptz); insert into first_write values (now()); commit");
                return;
            } catch (SQLException e) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("no write succeeded through " + sql, e);
                }
                LockSupport.parkNanos(TRY_EVERY);
            }
        }
    }

    private static String value(Secret secret, String key) {
        return new String(Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
    }
}
