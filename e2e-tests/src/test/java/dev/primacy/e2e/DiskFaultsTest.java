package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Outcome.Tolerance;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Workload;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The disk is full. Data and log share it, on a RAM disk here: its size is a bound that the kernel keeps. */
@EndToEnd
class DiskFaultsTest {
    private static final String SMALL = """
            instances: 2
            storage: {data: {emptyDir: {medium: Memory, sizeLimit: 512Mi}}}
            postgresql: {parameters: {max_wal_size: 64MB, min_wal_size: 32MB, wal_keep_size: "0", max_connections: "40"}}
            replication: {mode: %s, maxSlotWalKeepSize: 64Mi}
            """;

    /** A standby that has room takes over, or the primary goes on when it has room again; nobody is asked to lose anything. */
    @ParameterizedTest
    @ValueSource(strings = {"Asynchronous", "Synchronous"})
    void aPrimaryWithoutRoomHandsOnOrWaits(String mode, Space space) throws SQLException {
        Cluster cluster = space.apply("orders", SMALL.formatted(mode)).awaitReady();
        String primary = cluster.primary();
        Workload workload = Workload.begin(cluster);
        fill(cluster, primary);
        long full = System.nanoTime();
        Eventually.within(
                Duration.ofSeconds(60),
                "writes have failed, or go on elsewhere",
                () -> assertThat(workload.longestGapSince(full)).isGreaterThan(Duration.ofSeconds(1)));
        free(cluster, primary);
        workload.awaitProgress();
        cluster.awaitReady();
        workload.end().holds("disk of the primary full, " + mode, tolerated(mode));
    }

    /** With every disk full no member can take over: it must not be tried to and fro. */
    @ParameterizedTest
    @ValueSource(strings = {"Asynchronous", "Synchronous"})
    void withoutRoomAnywhereItWaitsAndGoesOnWithRoom(String mode, Space space) throws SQLException {
        Cluster cluster = space.apply("orders", SMALL.formatted(mode)).awaitReady();
        Workload workload = Workload.begin(cluster);
        List<String> members = List.of("orders-1", "orders-2");
        members.forEach(member -> fill(cluster, member));
        long full = System.nanoTime();
        Eventually.within(
                Duration.ofSeconds(60),
                "writes fail",
                () -> assertThat(workload.longestGapSince(full)).isGreaterThan(Duration.ofSeconds(5)));
        cluster.await("the status says what is missing", seen -> Cluster.says(seen, "No space left on device"));
        members.forEach(member -> free(cluster, member));
        workload.awaitProgress();
        cluster.awaitReady();
        workload.end().holds("all disks full, " + mode, tolerated(mode));
    }

    private static Tolerance tolerated(String mode) {
        return mode.equals("Synchronous") ? Tolerance.NONE : Tolerance.LAST_MOMENTS;
    }

    /** dd fails when nothing is left, which is the purpose. Then the log's reserve is used up, which is in files that are there already. */
    private static void fill(Cluster cluster, String member) {
        cluster.exec(
                member,
                "bash",
                "-c",
                "dd if=/dev/zero of=/var/lib/primacy/filler bs=64k 2>/dev/null; dd if=/dev/zero of=/var/lib/primacy/filler2 bs=512"
                        + " 2>/dev/null; true");
    }

    /** Where PostgreSQL ends for want of room, the script kills whatever else runs in the container, too. */
    private static void free(Cluster cluster, String member) {
        Eventually.within(
                Duration.ofSeconds(30),
                "the disk of " + member + " has room",
                () -> cluster.exec(member, "rm", "-f", "/var/lib/primacy/filler", "/var/lib/primacy/filler2"));
    }
}
