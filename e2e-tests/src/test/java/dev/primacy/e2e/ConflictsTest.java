package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Meddler;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The operator's writes meet those of others: it decides anew, and takes nothing back that was not its own. */
@Full
@EndToEnd
class ConflictsTest {

    @Test
    void aSwitchoverComesToPassWhileSomebodyWritesTheResourceAllTheTime(Space space) throws SQLException {
        Cluster cluster =
                space.apply("orders", Specs.TWO, Map.of("team", "shop")).awaitReady();
        String target = cluster.standbys().getFirst();
        Workload workload = Workload.begin(cluster);
        Meddler meddler = Meddler.begin(cluster);
        try (meddler) {
            cluster.annotate("primacy.dev/switchover", target)
                    .change("postgresql: {parameters: {work_mem: 9MB}}")
                    .await(
                            target + " is the primary",
                            seen -> target.equals(seen.getStatus().primary()));
            meddler.awaitWrites(10 * Meddler.WRITES_A_SECOND);
            cluster.awaitReady();
        }
        workload.end().holds("switchover while the resource is written");
        assertThat(meddler.complaints())
                .as("what became of somebody else's writes")
                .isEmpty();
        var resource = cluster.get();
        assertThat(resource.getMetadata().getAnnotations())
                .as("the request is consumed")
                .doesNotContainKey("primacy.dev/switchover");
        assertThat(resource.getMetadata().getLabels()).containsEntry("team", "shop");
        assertThat(resource.getSpec().postgresql().parameters()).isEqualTo(Map.of("work_mem", "9MB"));
        Eventually.soon(
                "the parameter is in force",
                () -> assertThat(cluster.sql().value("show work_mem")).isEqualTo("9MB"));
    }
}
