package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Databases for CI. */
@EndToEnd
class EphemeralTest {

    @Test
    void tradesDurabilityForSpeed(Space space) throws SQLException {
        Cluster cluster = space.apply(
                        "pg1", "profile: Ephemeral\nport: 5433\nbootstrap: {initdb: {database: test, owner: test}}")
                .awaitReady()
                .seed();
        assertThat(cluster.sql().port()).isEqualTo(5433);
        assertThat(cluster.sql().value("select current_user || ' ' || current_database()"))
                .isEqualTo("test test");
        for (String parameter : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
            assertThat(cluster.sql().value("show " + parameter)).as(parameter).isEqualTo("off");
        }
        assertThat(space.objectsOf("pg1")).noneMatch(object -> object.startsWith("PersistentVolumeClaim/"));
    }

    @Test
    void isGoneWhenItsTimeIsUp(Space space) {
        Cluster cluster = space.apply("brief", "profile: Ephemeral\nttlSecondsAfterCreation: 20");
        cluster.awaitReady();
        Eventually.within(Duration.ofSeconds(45), "it and all that belonged to it are gone", () -> {
            assertThat(cluster.resource().get()).isNull();
            assertThat(space.objectsOf("brief")).isEmpty();
        });
    }

    @Test
    void isGoneWhenItsTimeIsUpThoughItNeverBeganForWantOfASecret(Space space) {
        Cluster cluster = space.apply(
                "brief",
                "profile: Ephemeral\npasswordSecretRef: {name: mistyped, key: pw}\nttlSecondsAfterCreation: 10");
        Eventually.within(
                Duration.ofSeconds(30),
                "it is gone",
                () -> assertThat(cluster.resource().get()).isNull());
        assertThat(cluster.events()).anyMatch(event -> event.startsWith("Expired: "));
    }

    @Test
    void aCrashLosesNothingThatTheWalWriterWroteWhileThePodLives(Space space) throws SQLException {
        Cluster cluster = space.apply("pg1", Specs.EPHEMERAL).awaitReady().seed();
        // With synchronous_commit off, commits of the last three wal_writer_delay (0.6 s) may go with a postmaster that
        // is
        // killed (PostgreSQL 17). A commit that waits takes all before it along.
        cluster.sql().run("set synchronous_commit = on", "insert into seed values (2) on conflict do nothing");
        cluster.exec("pg1-1", "bash", "-c", "kill -KILL $(head -1 /var/lib/primacy/pgdata/postmaster.pid)");
        Eventually.soon("it takes writes again", () -> {
            cluster.sql().run("insert into seed values (3) on conflict do nothing");
            assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("3");
        });
        assertThat(cluster.restarts("pg1-1"))
                .as("restarted inside its container")
                .isZero();
    }
}
