package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operator may die at any moment, and may be away: databases run on, and what was begun is finished by the next process. */
@Full
@Disturbing
class OperatorOutagesTest {

    /** How far the bootstrap is when every process of the operator is killed. */
    enum Phase {
        INITDB_GRANTED,
        INITIALISED,
        STANDBYS_CLONE;

        boolean isReached(PostgresCluster seen) {
            return switch (this) {
                case INITDB_GRANTED -> seen.getStatus().initdbMember() != null;
                case INITIALISED -> seen.getStatus().systemId() != null;
                case STANDBYS_CLONE -> seen.getStatus().primary() != null && !Cluster.isReady(seen);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBootstrapGoesOnWhereItWas(Phase phase, Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).await("phase " + phase, phase::isReached);
        String systemId = cluster.status().systemId();
        site.crashOperator();
        cluster.await("it is Ready", Duration.ofMinutes(3), Cluster::isReady).seed();
        if (systemId != null) {
            assertThat(cluster.status().systemId()).as("no second initdb").isEqualTo(systemId);
        }
        // A new copy streams through -rw first; as it is told the primary's own name, it connects again.
        Eventually.soon(
                "both stream",
                () -> assertThat(cluster.superuser(
                                cluster.primary(),
                                "select count(*) from pg_stat_replication where state = 'streaming'"))
                        .isEqualTo("2"));
    }

    @Test
    void databasesRunOnWithoutTheOperator(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.THREE).awaitReady().seed();
        site.operator().stop();
        // Longer than any grant lasts: a primary whose standbys stream from it needs none (invariant 7).
        Eventually.throughout(
                Duration.ofSeconds(15),
                "writes go on",
                () -> cluster.sql().run("insert into seed values (2) on conflict (id) do update set at = now()"));
        site.operator().start();
        cluster.awaitReady();
    }

    @Test
    void aStandbyThatRestartsMeanwhileRejoinsByItself(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String standby = cluster.standbys().getFirst();
        String before = cluster.podUid(standby);
        site.operator().stop();
        cluster.podResource(standby).delete();
        cluster.sql().run("insert into seed values (2)");
        Eventually.soon("its next pod follows", () -> {
            assertThat(cluster.podUid(standby)).isNotNull().isNotEqualTo(before);
            assertThat(cluster.sqlOn(standby).value("select count(*) from seed"))
                    .isEqualTo("2");
        });
        site.operator().start();
        cluster.awaitReady();
    }

    @Test
    void aPrimaryThatRestartsMeanwhileWaitsForItAndReadsOn(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String primary = cluster.primary();
        String before = cluster.podUid(primary);
        site.operator().stop();
        cluster.podResource(primary).delete();
        Eventually.soon("it answers, in recovery: no member becomes writable by itself", () -> {
            assertThat(cluster.podUid(primary)).isNotNull().isNotEqualTo(before);
            assertThat(cluster.sqlOn(primary).value("select pg_is_in_recovery()"))
                    .isEqualTo("t");
        });
        assertThatThrownBy(() -> cluster.sql().run("insert into seed values (3)"))
                .isInstanceOf(SQLException.class);
        site.operator().start();
        Eventually.soon(
                "there is a primary again",
                () -> cluster.sql().run("insert into seed values (4) on conflict do nothing"));
        cluster.awaitReady();
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("2");
    }

    @Test
    void aMemberOfOneStartsWithoutTheOperator(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        String before = cluster.podUid("orders-1");
        site.operator().stop();
        cluster.podResource("orders-1").delete();
        Eventually.soon("it takes writes again", () -> {
            assertThat(cluster.podUid("orders-1")).isNotNull().isNotEqualTo(before);
            cluster.sql().run("insert into seed values (2) on conflict do nothing");
        });
        site.operator().start();
        cluster.awaitReady();
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("2");
    }

    /** Nobody remembers it. Another is made, and trusted beside the lost one as long as certificates of that are in use. */
    @Test
    void anAuthorityThatIsLostMeanwhileIsReplacedAndReplicationGoesOn(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String standby = cluster.standbys().getFirst();
        String started = "select pg_postmaster_start_time()";
        List<String> before =
                List.of(cluster.sql().value(started), cluster.sqlOn(standby).value(started));
        String lost = Objects.requireNonNull(space.secretData("orders-ca").get("tls.crt"))
                .strip();
        assertThat(space.secretData("orders-app").get("ca.crt")).contains(lost);
        site.operator().stop();
        space.client().secrets().inNamespace(space.name()).withName("orders-ca").delete();
        cluster.sql().run("insert into seed values (2)");
        site.operator().start();
        Eventually.within(Duration.ofMinutes(3), "nobody needs the lost one any more", () -> {
            assertThat(space.secretData("orders-ca").get("tls.crt")).doesNotContain(lost);
            assertThat(space.secretData("orders-app").get("ca.crt")).doesNotContain(lost);
            assertThat(cluster.sql().value("select count(*) from seed"))
                    .as("to a client that trusts the new one alone")
                    .isEqualTo("2");
        });
        cluster.awaitReady().sql().run("insert into seed values (3)");
        Eventually.soon(
                "replication goes on",
                () -> assertThat(cluster.sqlOn(standby).value("select count(*) from seed"))
                        .isEqualTo("3"));
        assertThat(List.of(cluster.sql().value(started), cluster.sqlOn(standby).value(started)))
                .as("when PostgreSQL was started")
                .isEqualTo(before);
    }

    @Test
    void theOtherProcessTakesOverWhenTheLeaderDies(Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        String leader = site.operator().leader().orElseThrow();
        site.operator().killLeader();
        cluster.change("instances: 2").awaitReady();
        assertThat(site.operator().leader()).isPresent().get().isNotEqualTo(leader);
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("1");
    }
}
