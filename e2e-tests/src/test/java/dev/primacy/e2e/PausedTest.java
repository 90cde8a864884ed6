package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@EndToEnd
class PausedTest {

    @Test
    void changesWaitUntilItGoesOn(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        cluster.change("paused: true")
                .await(
                        "the status says Paused",
                        seen -> "Paused".equals(seen.getStatus().phase()));
        cluster.change("instances: 2\npostgresql: {parameters: {work_mem: 9MB}}");
        Eventually.throughout(Duration.ofSeconds(5), "nothing is done", () -> {
            assertThat(cluster.podUid("orders-2")).isNull();
            assertThat(cluster.sql().value("show work_mem")).isEqualTo("4MB");
        });
        cluster.sql().run("insert into seed values (2)");

        cluster.change("paused: false").awaitReady();
        assertThat(cluster.status().members()).hasSize(2);
        Eventually.soon(
                "work_mem is 9MB",
                () -> assertThat(cluster.sql().value("show work_mem")).isEqualTo("9MB"));
    }

    @Test
    void whatKeepsItAvailableGoesOn(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        int timeline = cluster.timeline();
        cluster.change("paused: true\npostgresql: {parameters: {work_mem: 9MB}}")
                .await(
                        "the status says Paused",
                        seen -> "Paused".equals(seen.getStatus().phase()));
        cluster.podResource(cluster.primary()).delete();
        cluster.awaitTimelineAfter(timeline).awaitReady();
        assertThat(cluster.sql().columnOnceItAnswers("select count(*) from seed"))
                .containsExactly("1");
        assertThat(cluster.sql().value("show work_mem")).as("the change waits").isEqualTo("4MB");
    }
}
