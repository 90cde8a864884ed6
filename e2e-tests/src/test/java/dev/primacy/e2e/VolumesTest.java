package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
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
        Assumptions.assumeFalse(
                Boolean.TRUE.equals(defaultClass(space).getAllowVolumeExpansion()),
                "the default class can grow volumes");
        cluster.change("storage: {data: {persistentVolumeClaim: {size: 2Gi}}}")
                .await(
                        "it is not Ready, and the status says why the volume stays as it is",
                        seen -> Cluster.says(seen, "data-orders-1")
                                && Cluster.says(seen, "allowVolumeExpansion")
                                && !Cluster.isReady(seen));
        assertThat(cluster.sql().value("select 1")).as("and PostgreSQL runs on").isEqualTo("1");
    }

    /** The test plays the driver's part, of which the test bed has none that can grow volumes (Kubernetes 1.36). */
    @Test
    @Full
    void aClaimGrowsWhileTheStatusTellsOfItAndNobodyIsHeldUp(Space space) throws SQLException {
        StorageClass standard = defaultClass(space);
        Assumptions.assumeTrue(
                "rancher.io/local-path".equals(standard.getProvisioner()),
                "the default class's driver is another than the test bed's, and may grow the volume");
        String name = "grows-" + space.name();
        space.client()
                .resource(new StorageClassBuilder(standard)
                        .withMetadata(new ObjectMetaBuilder().withName(name).build())
                        .withAllowVolumeExpansion(true)
                        .build())
                .create();
        try {
            Cluster cluster =
                    space.apply("orders", """
                            instances: 1
                            storage: {data: {persistentVolumeClaim: {size: 1Gi, storageClassName: %s}}}
                            """.formatted(name)).awaitReady().seed();
            cluster.change("storage: {data: {persistentVolumeClaim: {size: 2Gi}}}")
                    .await(
                            "the status tells what the claim has and was asked for",
                            seen -> Cluster.says(seen, "data-orders-1 has 1Gi of 2Gi and waits for")
                                    && Cluster.isReady(seen));
            PersistentVolumeClaim claim = cluster.claimResource("orders-1").get();
            assertThat(claim.getSpec().getResources().getRequests().get("storage"))
                    .hasToString("2Gi");
            assertThat(claim.getStatus().getCapacity().get("storage")).hasToString("1Gi");
            Eventually.throughout(Duration.ofSeconds(5), "it stays Ready, and takes writes", () -> {
                assertThat(Cluster.isReady(cluster.get())).isTrue();
                cluster.sql().run("insert into seed values (2) on conflict (id) do update set at = now()");
            });

            space.client()
                    .persistentVolumes()
                    .withName(claim.getSpec().getVolumeName())
                    .edit(volume -> new PersistentVolumeBuilder(volume)
                            .editSpec()
                            .addToCapacity("storage", new Quantity("2Gi"))
                            .endSpec()
                            .build());
            drive(
                    cluster,
                    status -> status.addNewCondition()
                            .withType("FileSystemResizePending")
                            .withStatus("True")
                            .endCondition());
            cluster.await(
                    "the status tells that the file system is next",
                    seen -> Cluster.says(seen, "waits for its file system to be enlarged") && Cluster.isReady(seen));
            drive(
                    cluster,
                    status -> status.withConditions(List.of()).addToCapacity(Map.of("storage", new Quantity("2Gi"))));
            cluster.await(
                    "nothing is waited for any more",
                    seen -> Cluster.isReady(seen) && !Cluster.says(seen, "data-orders-1"));
            assertThat(cluster.restarts("orders-1")).as("restarts").isZero();
        } finally {
            space.client().storage().v1().storageClasses().withName(name).delete();
        }
    }

    private static void drive(Cluster cluster, Consumer<PersistentVolumeClaimStatusBuilder> doing) {
        cluster.claimResource("orders-1").editStatus(claim -> {
            var builder = new PersistentVolumeClaimStatusBuilder(claim.getStatus());
            doing.accept(builder);
            return new PersistentVolumeClaimBuilder(claim)
                    .withStatus(builder.build())
                    .build();
        });
    }

    private static StorageClass defaultClass(Space space) {
        return space.client().storage().v1().storageClasses().list().getItems().stream()
                .filter(candidate -> "true"
                        .equals(Objects.requireNonNullElse(
                                        candidate.getMetadata().getAnnotations(), Map.<String, String>of())
                                .get("storageclass.kubernetes.io/is-default-class")))
                .findFirst()
                .orElseThrow();
    }

    private static EmptyDirVolumeSource data(Cluster cluster) {
        return cluster.pod("orders-1").getSpec().getVolumes().stream()
                .filter(volume -> volume.getName().equals("data"))
                .findFirst()
                .orElseThrow()
                .getEmptyDir();
    }
}
