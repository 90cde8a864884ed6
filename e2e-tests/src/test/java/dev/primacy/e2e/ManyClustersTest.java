package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Space;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Alone on the test bed, since twenty at once is what is tried. */
@Full
@Disturbing
class ManyClustersTest {

    @Test
    void twentyAtOnceAllBecomeReady(Space space) throws SQLException {
        List<Cluster> clusters = IntStream.rangeClosed(1, 20)
                .mapToObj(number -> space.apply("ci-" + number, Specs.EPHEMERAL))
                .toList();
        for (Cluster cluster : clusters) {
            cluster.await("it is Ready", Duration.ofMinutes(3), Cluster::isReady);
        }
        for (Cluster cluster : clusters) {
            assertThat(cluster.seed().sql().value("select count(*) from seed")).isEqualTo("1");
        }
        assertThat(clusters.stream().map(cluster -> cluster.status().systemId()).distinct())
                .hasSize(20);
    }

    @Test
    void theSameNameInTwoNamespacesMeansTwoClusters(Space space) throws SQLException {
        try (Space other = space.another()) {
            Cluster here = space.apply("orders", Specs.TWO);
            Cluster there = other.apply("orders", Specs.TWO);
            here.awaitReady().seed();
            there.awaitReady();
            assertThat(there.sql().value("select count(*) from pg_tables where tablename = 'seed'"))
                    .isEqualTo("0");
            assertThat(here.status().systemId()).isNotEqualTo(there.status().systemId());
            there.delete();
            there.awaitGone();
            assertThat(here.sql().value("select count(*) from seed")).isEqualTo("1");
            assertThat(here.superuser(here.primary(), "select count(*) from pg_stat_replication"))
                    .isEqualTo("1");
        }
    }
}
