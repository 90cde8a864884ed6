package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
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
        // Rules and connection Secrets, so that there is one of every kind of object.
        cluster = shared.apply("orders", Specs.TWO + """

                access: [{name: everybody, cidr: 0.0.0.0/0}]
                connectionSecrets:
                  - {name: backstage, format: Env}
                  - {name: harness, format: Harness}
                """).awaitReady().seed();
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
        comesBack(configMap("orders-config"), ConfigMap::getData);
        assertThat(pods()).isEqualTo(pods);
    }

    @Test
    void aConfigMapChangedByHandIsPutBackAndLetsNobodyIn() {
        Resource<ConfigMap> configuration = configMap("orders-config");
        Map<String, String> before = configuration.get().getData();
        configuration.edit(map -> new ConfigMapBuilder(map)
                .addToData("pg_hba.conf", "host all all all trust\n")
                .build());
        Eventually.within(
                SOON,
                "it is as it was",
                () -> assertThat(configuration.get().getData()).isEqualTo(before));
        assertThatThrownBy(() -> cluster.sql().as("app", "wrong").value("select 1"))
                .hasMessageContaining("password authentication failed");
    }

    /** Its name has its hash: a container that the kubelet starts again needs this one and no other. */
    @Test
    void theDeletedScriptComesBackAndNothingRestarts() {
        List<String> pods = pods();
        String script = cluster.pod(cluster.primary()).getSpec().getVolumes().stream()
                .filter(volume -> volume.getName().equals("script"))
                .map(volume -> volume.getConfigMap().getName())
                .findFirst()
                .orElseThrow();
        comesBack(configMap(script), ConfigMap::getData);
        assertThat(pods()).isEqualTo(pods);
    }

    @Test
    void aDeletedNetworkPolicyComesBack() {
        comesBack(networkPolicy(), NetworkPolicy::getSpec);
    }

    @Test
    void aNetworkPolicyOpenedByHandIsClosedAgain() {
        NetworkPolicySpec before = networkPolicy().get().getSpec();
        networkPolicy()
                .edit(policy -> new NetworkPolicyBuilder(policy)
                        .editSpec()
                        .addNewIngress()
                        .endIngress()
                        .endSpec()
                        .build());
        Eventually.within(
                SOON,
                "it is as it was",
                () -> assertThat(networkPolicy().get().getSpec()).isEqualTo(before));
    }

    @Test
    void aDeletedPodDisruptionBudgetComesBack() {
        comesBack(
                client.policy()
                        .v1()
                        .podDisruptionBudget()
                        .inNamespace(space.name())
                        .withName("orders-primary"),
                PodDisruptionBudget::getSpec);
    }

    @Test
    void deletedConnectionSecretsAndWhatGoesWithThemComeBack() {
        comesBack(secret("backstage"), Secret::getData);
        comesBack(secret("harness"), Secret::getData);
        comesBack(configMap("harness-override"), ConfigMap::getData);
    }

    /** Clients and members know it: with another in its place nobody would let anybody in. */
    @Test
    void aDeletedAuthorityComesBackAsItWasAndMembersGoOnToLetEachOtherIn() {
        String standby = cluster.standbys().getFirst();
        String receiver = receiver(standby);
        comesBack(secret("orders-ca"), Secret::getData);
        cluster.superuser(cluster.primary(), "select pg_terminate_backend(pid) from pg_stat_replication");
        Eventually.within(
                SOON,
                "the standby has connected anew and streams",
                () -> assertThat(receiver(standby)).matches("\\d+").isNotEqualTo(receiver));
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
    void thePrimarysStatefulSetDeletedWithoutItsPodComesBackAndTakesThePodUp() throws SQLException {
        String primary = cluster.primary();
        String pod = cluster.podUid(primary);
        String started = cluster.sql().value("select pg_postmaster_start_time()");
        RollableScalableResource<StatefulSet> set =
                client.apps().statefulSets().inNamespace(space.name()).withName(primary);
        String before = set.get().getMetadata().getUid();
        set.withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
        Eventually.within(Cluster.PATIENCE, "another one owns the same pod", () -> {
            String now = set.get().getMetadata().getUid();
            assertThat(now).isNotEqualTo(before);
            assertThat(cluster.pod(primary).getMetadata().getOwnerReferences())
                    .extracting(OwnerReference::getUid)
                    .containsExactly(now);
        });
        assertThat(cluster.podUid(primary)).isEqualTo(pod);
        assertThat(cluster.primary()).isEqualTo(primary);
        assertThat(cluster.sql().value("select pg_postmaster_start_time()"))
                .as("PostgreSQL ran on")
                .isEqualTo(started);
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

    /** Empty: what was in it only a backup has. */
    @Test
    void aDroppedDatabaseComesBackAndIsTheOwnersAlone() throws SQLException {
        cluster.superuser(cluster.primary(), "drop database app with (force)");
        Eventually.within(
                Cluster.PATIENCE,
                "the owner has it, and nobody else may connect",
                () -> assertThat(cluster.superuser(
                                cluster.primary(),
                                "select pg_get_userbyid(datdba), has_database_privilege('public', oid, 'connect')"
                                        + " from pg_database where datname = 'app'"))
                        .isEqualTo("app|f"));
        cluster.seed();
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

    /** Deletes an object and waits until there is another that says the same. */
    private static <T extends HasMetadata> void comesBack(Resource<T> resource, Function<T, Object> content) {
        T before = resource.get();
        assertThat(before).as("what is to be deleted").isNotNull();
        resource.delete();
        Eventually.within(
                SOON, before.getKind() + " " + before.getMetadata().getName() + " is there again, as it was", () -> {
                    T now = resource.get();
                    assertThat(now.getMetadata().getUid())
                            .isNotEqualTo(before.getMetadata().getUid());
                    assertThat(content.apply(now)).isEqualTo(content.apply(before));
                });
    }

    private static Resource<ConfigMap> configMap(String name) {
        return client.configMaps().inNamespace(space.name()).withName(name);
    }

    private static Resource<Secret> secret(String name) {
        return client.secrets().inNamespace(space.name()).withName(name);
    }

    private static Resource<NetworkPolicy> networkPolicy() {
        return client.network().v1().networkPolicies().inNamespace(space.name()).withName("orders");
    }

    /** The process by which a standby replicates: another one for every connection. */
    private static String receiver(String standby) {
        return cluster.superuser(standby, "select pid from pg_stat_wal_receiver where status = 'streaming'");
    }

    /** Their pods and how often their containers have been started again. */
    private static List<String> pods() {
        return Stream.of("orders-1", "orders-2")
                .map(member -> cluster.podUid(member) + " " + cluster.restarts(member))
                .toList();
    }
}
