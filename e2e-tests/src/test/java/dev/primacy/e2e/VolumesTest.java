package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

@EndToEnd
class VolumesTest {

    @Test
    void emptyDirOnTheNodesDiskNeedsNoClaim(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", "instances: 2\nstorage: {data: {emptyDir: {sizeLimit: 2Gi}}}")
                .awaitReady()
                .seed();
        EmptyDirVolumeSource volume = data(cluster);
        assertThat(volume.getMedium()).isNullOrEmpty();
        assertThat(volume.getSizeLimit()).hasToString("2Gi");
        assertThat(space.objectsOf("orders")).noneMatch(object -> object.startsWith("PersistentVolumeClaim/"));
        Eventually.soon(
                "the row is on the standby",
                () -> assertThat(cluster.sqlOn(cluster.standbys().getFirst()).value("select count(*) from seed"))
                        .isEqualTo("1"));
    }

    @Test
    void emptyDirInMemoryIsATmpfs(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", "storage: {data: {emptyDir: {medium: Memory, sizeLimit: 512Mi}}}")
                .awaitReady()
                .seed();
        assertThat(data(cluster).getMedium()).isEqualTo("Memory");
        assertThat(cluster.exec("orders-1", "stat", "-f", "-c", "%T", "/var/lib/primacy")
                        .strip())
                .isEqualTo("tmpfs");
    }

    @Test
    void anEmptyDirMemberThatLosesItsPodIsClonedAnew(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", "instances: 2\n" + Specs.ON_EMPTY_DIR)
                .awaitReady()
                .seed();
        String standby = cluster.standbys().getFirst();
        String before = cluster.podUid(standby);
        cluster.podResource(standby).delete();
        Eventually.soon("a new pod with the data of the primary", () -> {
            assertThat(cluster.podUid(standby)).isNotNull().isNotEqualTo(before);
            assertThat(cluster.sqlOn(standby).value("select count(*) from seed"))
                    .isEqualTo("1");
        });
        cluster.awaitReady();
    }

    @Test
    @Full
    void aClaimThatItsClassCannotGrowIsSaidSo(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady();
        var storageClass = space.client().storage().v1().storageClasses().list().getItems().stream()
                .filter(candidate -> "true"
                        .equals(
                                candidate.getMetadata().getAnnotations() == null
                                        ? null
                                        : candidate
                                                .getMetadata()
                                                .getAnnotations()
                                                .get("storageclass.kubernetes.io/is-default-class")))
                .findFirst()
                .orElseThrow();
        org.junit.jupiter.api.Assumptions.assumeFalse(
                Boolean.TRUE.equals(storageClass.getAllowVolumeExpansion()), "the default class can grow volumes");
        cluster.change("storage: {data: {persistentVolumeClaim: {size: 2Gi}}}")
                .await("the status says why the volume stays as it is", seen -> {
                    String reason = seen.getStatus().reason();
                    return reason != null && reason.contains("data-orders-1");
                });
        assertThat(cluster.sql().value("select 1")).as("and PostgreSQL runs on").isEqualTo("1");
    }

    private static EmptyDirVolumeSource data(Cluster cluster) {
        return cluster.pod("orders-1").getSpec().getVolumes().stream()
                .filter(volume -> volume.getName().equals("data"))
                .findFirst()
                .orElseThrow()
                .getEmptyDir();
    }
}
