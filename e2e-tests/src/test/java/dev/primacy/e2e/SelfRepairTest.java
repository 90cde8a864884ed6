package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is deleted or changed by hand comes back; clients do not notice. */
@EndToEnd
class SelfRepairTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static Cluster cluster;
    private static Space space;
    private static KubernetesClient client;

    @BeforeAll
    static void apply(Space shared) throws SQLException {
        space = shared;
        client = shared.client();
        cluster = shared.apply("orders", Specs.TWO).awaitReady().seed();
    }

    @AfterEach
    void isWhole() {
        cluster.awaitReady();
        // kube-proxy may yet have to follow what a test did to a Service.
        Eventually.within(
                Cluster.PATIENCE,
                "it takes writes",
                () -> cluster.sql().run("insert into seed values (2) on conflict (id) do update set at = now()"));
    }

    @Test
    void everyDeletedServiceComesBack() {
        for (String name : List.of("orders-rw", "orders-ro", "orders-r", "orders-members")) {
            client.services().inNamespace(space.name()).withName(name).delete();
        }
        Eventually.within(SOON, "all four are there and lead where they should", () -> {
            assertThat(cluster.sql().value("select pg_is_in_recovery()")).isEqualTo("f");
            assertThat(cluster.reads().value("select pg_is_in_recovery()")).isEqualTo("t");
            assertThat(space.objectsOf("orders")).contains("Service/orders-r", "Service/orders-members");
        });
    }

    @Test
    void aServicesSelectorChangedByHandIsPutBack() {
        client.services()
                .inNamespace(space.name())
                .withName("orders-rw")
                .edit(service -> new ServiceBuilder(service)
                        .editSpec()
                        .addToSelector("primacy.dev/member", cluster.standbys().getFirst())
                        .endSpec()
                        .build());
        Eventually.within(SOON, "-rw leads to the primary", () -> {
            assertThat(client.services()
                            .inNamespace(space.name())
                            .withName("orders-rw")
                            .get()
                            .getSpec()
                            .getSelector())
                    .containsEntry("primacy.dev/member", cluster.primary());
            assertThat(cluster.sql().value("select pg_is_in_recovery()")).isEqualTo("f");
        });
    }

    @Test
    void aDeletedConfigMapComesBackAndNothingRestarts() {
        List<String> pods = pods();
        client.configMaps().inNamespace(space.name()).withName("orders-config").delete();
        Eventually.within(
                SOON, "it is there", () -> assertThat(space.objectsOf("orders")).contains("ConfigMap/orders-config"));
        assertThat(pods()).isEqualTo(pods);
    }

    @Test
    void deletedClientCertificatesComeBack() {
        client.secrets().inNamespace(space.name()).withName("orders-operator").delete();
        client.secrets()
                .inNamespace(space.name())
                .withName("orders-replication")
                .delete();
        Eventually.within(
                SOON,
                "they are there",
                () -> assertThat(space.objectsOf("orders"))
                        .contains("Secret/orders-operator", "Secret/orders-replication"));
    }

    @Test
    void aDeletedStatefulSetComesBackWithItsPodAndData() {
        String standby = cluster.standbys().getFirst();
        client.apps().statefulSets().inNamespace(space.name()).withName(standby).delete();
        Eventually.within(Cluster.PATIENCE, "it is there with a pod that has the data", () -> {
            assertThat(space.objectsOf("orders")).contains("StatefulSet/" + standby);
            assertThat(cluster.sqlOn(standby).value("select count(*) > 0 from seed"))
                    .isEqualTo("t");
        });
    }

    @Test
    void aDroppedSlotComesBack() {
        String standby = cluster.standbys().getFirst();
        String slot = standby.replace('-', '_');
        cluster.superuser(
                cluster.primary(),
                "do $$ declare victim int; begin"
                        + " select active_pid into victim from pg_replication_slots where slot_name = '" + slot + "';"
                        + " perform pg_terminate_backend(victim);"
                        + " for attempt in 1..50 loop begin perform pg_drop_replication_slot('" + slot + "'); return;"
                        + " exception when others then perform pg_sleep(0.02); end; end loop; end $$");
        Eventually.within(
                SOON,
                "the slot is there and in use",
                () -> assertThat(cluster.superuser(
                                cluster.primary(),
                                "select active from pg_replication_slots where slot_name = '" + slot + "'"))
                        .isEqualTo("t"));
    }

    @Test
    void aDroppedReplicationRoleComesBack() {
        cluster.superuser(cluster.primary(), "drop owned by primacy_replica; drop role primacy_replica");
        Eventually.within(
                Cluster.PATIENCE,
                "it is there and may replicate",
                () -> assertThat(cluster.superuser(
                                cluster.primary(),
                                "select rolreplication from pg_roles where rolname = 'primacy_replica'"))
                        .isEqualTo("t"));
    }

    @Test
    void aStandbyWhosePodIsDeletedComesBack() {
        String standby = cluster.standbys().getFirst();
        String before = cluster.podUid(standby);
        cluster.podResource(standby).delete();
        Eventually.within(Cluster.PATIENCE, "another pod streams", () -> {
            assertThat(cluster.podUid(standby)).isNotEqualTo(before);
            assertThat(cluster.sqlOn(standby).value("select count(*) > 0 from seed"))
                    .isEqualTo("t");
        });
    }

    @Test
    void aStandbyMadeWritableByHandIsNeverRoutedAndIsBroughtBack() {
        String standby = cluster.standbys().getFirst();
        String primary = cluster.primary();
        cluster.promoteByHand(standby);
        Eventually.throughout(
                Duration.ofSeconds(5),
                "-rw leads to the primary",
                () -> assertThat(cluster.sql().value("select current_setting('cluster_name')"))
                        .isEqualTo(primary));
        Eventually.within(
                Cluster.PATIENCE,
                "it is a standby again",
                () -> assertThat(cluster.sqlOn(standby).value("select pg_is_in_recovery()"))
                        .isEqualTo("t"));
    }

    @Test
    void rebuildOnRequestClonesAStandbyAnew() throws SQLException {
        String standby = cluster.standbys().getFirst();
        String before = cluster.sqlOn(standby).value("select pg_postmaster_start_time()");
        cluster.annotate("primacy.dev/rebuild", standby);
        cluster.await(
                "the request is consumed",
                seen -> !seen.getMetadata().getAnnotations().containsKey("primacy.dev/rebuild"));
        Eventually.within(Cluster.PATIENCE, "an event tells so, and it streams again", () -> {
            assertThat(cluster.events()).anyMatch(event -> event.contains(standby) && event.contains("annotation"));
            assertThat(cluster.sqlOn(standby).value("select pg_postmaster_start_time()"))
                    .isNotEqualTo(before);
            assertThat(cluster.sqlOn(standby).value("select count(*) > 0 from seed"))
                    .isEqualTo("t");
        });
    }

    private static List<String> pods() {
        return List.of(String.valueOf(cluster.podUid("orders-1")), String.valueOf(cluster.podUid("orders-2")));
    }
}
