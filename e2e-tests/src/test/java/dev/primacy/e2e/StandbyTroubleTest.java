package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Script;
import dev.primacy.e2e.harness.Space;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Standbys whose data is of no use: they are refused or cloned anew, and the primary never suffers. */
@Full
@EndToEnd
class StandbyTroubleTest {
    /** Every file below the working directory, with a digest of what is in it. */
    private static final String FILES = "find . -type f -exec sha256sum {} + | LC_ALL=C sort -k 2";

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
        assertThat(cluster.events())
                .anyMatch(event -> event.startsWith("Rejoining: " + standby + " is cloned anew from " + primary
                        + ": the primary does not keep the log any more that it needs, from "));
        String digest = "select sum(hashtext(filler)::bigint) || ' ' || (select count(*) from seed) from bulk";
        assertThat(cluster.sqlOn(standby).value(digest)).isEqualTo(cluster.sql().value(digest));
        assertThat(cluster.primary()).as("the primary").isEqualTo(primary);
        cluster.sql().run("insert into seed values (2)");
        Eventually.soon("it streams, by a slot that is of use again", () -> {
            assertThat(cluster.sqlOn(standby).value("select count(*) from seed"))
                    .isEqualTo("2");
            assertThat(cluster.superuser(
                            primary,
                            "select slot_name, active, wal_status in ('reserved', 'extended') from"
                                    + " pg_replication_slots"))
                    .isEqualTo(standby.replace('-', '_') + "|t|t");
        });
    }

    @Test
    void aDataDirectoryOfAnotherClusterIsRefusedAndLeftAlone(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        // What a restored or mistaken volume looks like: another cluster's files under the member's name.
        String standby = "orders-2";
        String foreignId =
                cluster.exec(standby, "bash", "-c", """
                        cd /var/lib/primacy && initdb -D foreign -U postgres --no-sync >/dev/null && cd foreign &&
                        echo 'nobody may touch this' >marker && %s >../files &&
                        pg_controldata -D . | sed -n 's/^Database system identifier: *//p'
                        """.formatted(FILES)).strip();
        // Between two pods: PostgreSQL as it ends writes its control file by its path, whatever directory has that by
        // then.
        Script swap = Script.in(
                        space,
                        "swap",
                        "cd " + Script.VOLUME + " && exec 9>>lock && flock 9 && mv pgdata own && mv foreign pgdata")
                .workingOn("data-" + standby);
        swap.begin();
        cluster.podResource(standby).delete();
        cluster.await(
                "the status says what is wrong",
                seen -> Cluster.says(
                                seen,
                                standby,
                                "the volume holds system identifier " + foreignId + ", the cluster's is " + systemId)
                        && !Cluster.isReady(seen));
        assertThat(cluster.primary()).isEqualTo("orders-1");
        Eventually.throughout(
                Duration.ofSeconds(5),
                "the primary serves",
                () -> cluster.sql().run("insert into seed values (2) on conflict (id) do update set at = now()"));
        Eventually.soon(
                "the member's log says what to do",
                () -> assertThat(cluster.podResource(standby).getLog())
                        .contains("nothing was touched. Give this member its own volume, or remove that data."));
        Script look = Script.in(space, "look", "cd " + Script.VOLUME + "/pgdata && " + FILES + " | diff ../files -")
                .lookingInto("data-" + standby);
        assertThat(look.run()).as("what differs in the foreign directory").isEqualTo(new Script.Ended(true, ""));
        look.remove();
        swap.remove();

        // The runbook's way out.
        cluster.claimResource(standby).delete();
        cluster.podResource(standby).delete();
        cluster.awaitReady();
        Eventually.soon(
                "it is cloned",
                () -> assertThat(cluster.sqlOn(standby).value("select count(*) from seed"))
                        .isEqualTo("2"));
    }

    @Test
    void anEmptiedVolumeOfTheOnlyMemberNeverBecomesAnEmptyPrimary(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        cluster.exec("orders-1", "bash", "-c", "mv /var/lib/primacy/pgdata /var/lib/primacy/taken-away");
        cluster.podResource("orders-1").withGracePeriod(0).delete();
        cluster.await(
                "the status says which member has no data, and what to do",
                seen -> Cluster.says(seen, "orders-1 has no data", "Put the data back")
                        && !Cluster.isReady(seen)
                        && !Cluster.is(seen, "PrimaryAvailable"));
        Eventually.throughout(Duration.ofSeconds(10), "there is no new database", () -> {
            assertThat(cluster.status().systemId()).isEqualTo(systemId);
            assertThat(Cluster.is(cluster.get(), "PrimaryAvailable")).isFalse();
        });
        Script look = Script.in(space, "look", "ls " + Script.VOLUME).lookingInto("data-orders-1");
        assertThat(look.run().printed().lines())
                .as("what is on the volume")
                .contains("taken-away")
                .doesNotContain("pgdata", "pgdata.new");

        Script mend = Script.in(space, "mend", "cd " + Script.VOLUME + " && mv taken-away pgdata")
                .workingOn("data-orders-1");
        assertThat(mend.run().succeeded()).as("the data is put back").isTrue();
        cluster.podResource("orders-1").delete();
        cluster.awaitReady();
        assertThat(cluster.sql().value("select count(*) from seed"))
                .as("rows, once the data is back in its place")
                .isEqualTo("1");
        assertThat(cluster.status().systemId()).isEqualTo(systemId);
    }
}
