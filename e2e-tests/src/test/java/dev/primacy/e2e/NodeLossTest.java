package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.Disturbing;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Ledger;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.testbed.Node;
import dev.primacy.testbed.Testbed;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Disturbing
class NodeLossTest {

    @Test
    void thePrimarysNodeIsCutOffAndAStandbyTakesOverUntilItIsBack(Space space, Site site) throws SQLException {
        Testbed testbed = site.testbed();
        Cluster cluster = space.apply("orders", Specs.THREE + "\nreplication: {mode: Synchronous}")
                .awaitReady()
                .seed();
        String primary = cluster.primary();
        Node node = testbed.node(cluster.pod(primary).getSpec().getNodeName());
        Ledger ledger = Ledger.begin(cluster);

        testbed.faults().disconnect(node);
        ledger.awaitGapAndRecovery();
        cluster.await("another member is the primary", seen -> {
            String now = seen.getStatus().primary();
            return now != null && !now.equals(primary);
        });
        testbed.faults().reconnect(node);
        cluster.await("all three are there again", Duration.ofMinutes(3), Cluster::isReady);

        Ledger.Result result = ledger.end();
        result.isKept(cluster.sql());
        assertThat(cluster.primary()).as("the old primary is a standby now").isNotEqualTo(primary);
        Eventually.soon(
                "and has what was written meanwhile",
                () -> assertThat(cluster.sqlOn(primary).value("select count(*) from ledger"))
                        .isEqualTo(cluster.sql().value("select count(*) from ledger")));
        assertThat(Objects.requireNonNull(cluster.status().lastFailover()).reason())
                .isNotBlank();
        System.out.printf(
                "node of the primary cut off: write gap %d ms%n",
                result.longestGap().toMillis());
    }

    /** Rule 9c: how people and their tools say that a node is to be emptied. */
    enum Emptying {
        CORDON,
        /** As an autoscaler or a node upgrade does it. */
        TAINT;

        private static final String KEY = "example.com/upgrade";

        void begin(Site site, String node) {
            switch (this) {
                case CORDON -> site.kubectl("cordon", node);
                case TAINT -> site.kubectl("taint", "node", node, KEY + "=now:NoSchedule");
            }
        }

        void end(Site site, String node) {
            switch (this) {
                case CORDON -> site.kubectl("uncordon", node);
                case TAINT -> site.kubectl("taint", "node", node, KEY + "-");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNodeThatIsToBeEmptiedHandsItsPrimaryOn(Emptying emptying, Space space, Site site) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String primary = cluster.primary();
        String node = cluster.pod(primary).getSpec().getNodeName();
        emptying.begin(site, node);
        try {
            cluster.await("the other member is the primary", seen -> {
                String now = seen.getStatus().primary();
                return now != null && !now.equals(primary) && Cluster.isReady(seen);
            });
            assertThat(Objects.requireNonNull(cluster.status().lastFailover()).reason())
                    .isEqualTo("node " + node + " of the primary is cordoned or tainted");
            assertThat(cluster.sql().columnOnceItAnswers("select count(*) from seed"))
                    .containsExactly("1");
        } finally {
            emptying.end(site, node);
        }
    }
}
