package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Space;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Standbys whose data is of no use: they are refused or cloned anew, and the primary never suffers. */
@Full
@EndToEnd
class StandbyTroubleTest {

    @Test
    void aStandbyThatWasAwayForTooLongIsClonedAnew(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO + """

                replication: {maxSlotWalKeepSize: 64Mi}
                bootstrap: {initdb: {walSegmentSizeMegabytes: 1}}
                postgresql: {parameters: {wal_keep_size: "0", max_wal_size: 32MB, min_wal_size: 4MB}}
                """).awaitReady().seed();
        String standby = cluster.standbys().getFirst();
        String primary = cluster.primary();
        // Stopped, its postmaster neither answers nor ends; the primary gives it up after wal_sender_timeout.
        cluster.exec(
                standby,
                "bash",
                "-c",
                "kill -STOP $(pgrep -x postgres || grep -ls postgres /proc/[0-9]*/comm | cut -d/ -f3)");
        cluster.sql().run("create table bulk (filler text)");
        for (int round = 0; round < 12; round++) {
            cluster.sql().run("insert into bulk select repeat(md5(n::text), 32) from generate_series(1, 10000) n");
            cluster.superuser(primary, "checkpoint");
        }
        Eventually.soon(
                "the standby's slot has lost its WAL",
                () -> assertThat(cluster.superuser(
                                primary,
                                "select count(*) from pg_replication_slots where wal_status in ('lost') or"
                                        + " invalidation_reason is not null"))
                        .isEqualTo("1"));
        cluster.exec(
                standby,
                "bash",
                "-c",
                "kill -CONT $(pgrep -x postgres || grep -ls postgres /proc/[0-9]*/comm | cut -d/ -f3)");
        Eventually.within(
                Duration.ofMinutes(2),
                "it has all the data",
                () -> assertThat(cluster.sqlOn(standby).value("select count(*) from bulk"))
                        .isEqualTo("120000"));
        cluster.awaitReady();
        assertThat(cluster.events()).anyMatch(event -> event.contains(standby) && event.contains("lon"));
    }

    @Test
    void aDataDirectoryOfAnotherClusterIsRefusedAndLeftAlone(Space space) throws SQLException {
        Cluster stranger = space.apply("stranger", Specs.ONE).awaitReady().seed();
        String strangersId = Objects.requireNonNull(stranger.status().systemId());
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        // What a restored or mistaken volume looks like: another cluster's files under the member's name.
        String standby = "orders-2";
        cluster.exec(
                standby,
                "bash",
                "-c",
                "mkdir /var/lib/primacy/foreign && initdb -D /var/lib/primacy/foreign -U postgres --no-sync >/dev/null"
                        + " && mv /var/lib/primacy/pgdata /var/lib/primacy/own && mv /var/lib/primacy/foreign /var/lib/primacy/pgdata");
        cluster.podResource(standby).delete();
        cluster.await("the status says what is wrong", seen -> {
            String reason = seen.getStatus().reason();
            return reason != null && reason.contains(standby) && !Cluster.isReady(seen);
        });
        assertThat(cluster.primary()).isEqualTo("orders-1");
        Eventually.throughout(
                Duration.ofSeconds(5),
                "the primary serves",
                () -> cluster.sql().run("insert into seed values (2) on conflict (id) do update set at = now()"));
        assertThat(stranger.status().systemId()).isEqualTo(strangersId);
    }

    @Test
    void anEmptiedVolumeOfTheOnlyMemberNeverBecomesAnEmptyPrimary(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        cluster.exec("orders-1", "bash", "-c", "mv /var/lib/primacy/pgdata /var/lib/primacy/taken-away");
        cluster.podResource("orders-1").withGracePeriod(0).delete();
        cluster.await(
                "the status says that there is no data, and what to do",
                seen -> !Cluster.isReady(seen)
                        && seen.getStatus().reason() != null
                        && !Cluster.is(seen, "PrimaryAvailable"));
        Eventually.throughout(Duration.ofSeconds(10), "there is no new database", () -> {
            assertThat(cluster.status().systemId()).isEqualTo(systemId);
            assertThat(Cluster.is(cluster.get(), "PrimaryAvailable")).isFalse();
        });
    }
}
