package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What platforms ask of pods: another user, labels, annotations and resources of their own. */
@EndToEnd
class PodOptionsTest {
    /** As OpenShift gives out: a user that no /etc/passwd knows. */
    private static final String UID = "1000660042";

    @Test
    void anyUserIdRunsPostgreSQLAndChangesOfThePrimary(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO + """

                        pod:
                          runAsUser: %s
                          metadata: {labels: {team: shop}, annotations: {example.com/scraped: "false"}}
                          resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 512Mi}}
                        """.formatted(UID))
                .awaitReady()
                .seed();
        for (String member : List.of("orders-1", "orders-2")) {
            assertThat(cluster.exec(member, "id", "-u").strip()).isEqualTo(UID);
            assertThat(cluster.exec(member, "bash", "-c", "stat -c '%u %a' \"$PGDATA\"")
                            .strip())
                    .as("owner and mode of the data directory")
                    .isEqualTo(UID + " 700");
            var pod = cluster.pod(member);
            assertThat(pod.getMetadata().getLabels()).containsEntry("team", "shop");
            assertThat(pod.getMetadata().getAnnotations()).containsEntry("example.com/scraped", "false");
            assertThat(pod.getSpec()
                            .getContainers()
                            .getFirst()
                            .getResources()
                            .getLimits()
                            .get("memory"))
                    .hasToString("512Mi");
        }

        int timeline = cluster.timeline();
        cluster.podResource(cluster.primary()).delete();
        cluster.awaitTimelineAfter(timeline).awaitReady();
        cluster.sql().run("insert into seed values (2)");
        Eventually.soon(
                "who was the primary has rejoined",
                () -> assertThat(cluster.sqlOn(cluster.standbys().getFirst()).value("select count(*) from seed"))
                        .isEqualTo("2"));
    }
}
