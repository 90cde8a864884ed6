package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Space;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oldest and the newest major version, and what is between; 17 is what every other test runs. */
@Full
@EndToEnd
class VersionsTest {

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void replicatesAndSwitchesOver(int major, Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO + "\npostgresVersion: " + major)
                .awaitReady()
                .seed();
        assertThat(cluster.sql().value("select current_setting('server_version_num')::int / 10000"))
                .isEqualTo(Integer.toString(major));
        cluster.switchOverTo("orders-2");
        // kube-proxy may be a second late.
        Eventually.soon(
                "writes go to the new primary",
                () -> cluster.sql().run("insert into seed values (2) on conflict do nothing"));
        Eventually.soon(
                "the former primary follows",
                () -> assertThat(cluster.sqlOn("orders-1").value("select count(*) from seed"))
                        .isEqualTo("2"));
        cluster.change("postgresql: {parameters: {work_mem: 5MB, max_connections: \"120\"}}")
                .awaitReady();
        Eventually.soon("both kinds of parameters are in force", () -> {
            assertThat(cluster.sql().value("show work_mem")).isEqualTo("5MB");
            assertThat(cluster.sql().value("show max_connections")).isEqualTo("120");
        });
    }
}
