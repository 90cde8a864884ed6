package dev.primacy.e2e.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Table;
import io.fabric8.kubernetes.api.model.TableColumnDefinition;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API server makes of a PostgresCluster: defaults, subresources, columns, and merging of what several people apply. */
@Tag("crd")
@ExtendWith(Api.Provided.class)
class DefinitionTest {
    private static final String CLAIM = """
            paused: true
            storage:
              data:
                persistentVolumeClaim: {size: 10Gi}
            """;

    private final Api api;

    DefinitionTest(Api api) {
        this.api = api;
    }

    @AfterEach
    void removeClusters() {
        Resource<GenericKubernetesResource> probe = api.resource(Manifests.cluster("probe", CLAIM));
        probe.delete();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> probe.get() == null);
    }

    @Test
    void fillsInTheDefaults() {
        GenericKubernetesResource created = api.create(Manifests.cluster("probe", CLAIM));

        assertThat(Manifests.spec(created))
                .containsEntry("instances", 1)
                .containsEntry("postgresVersion", 17)
                .containsEntry("profile", "Production")
                .containsEntry("port", 5432)
                .containsEntry("deletionPolicy", "Retain")
                .containsEntry(
                        "replication",
                        Map.of("mode", "Asynchronous", "synchronousStandbys", 1, "durability", "Required"))
                .containsEntry(
                        "bootstrap",
                        Map.of(
                                "initdb",
                                Map.of(
                                        "database", "app",
                                        "owner", "app",
                                        "ownerCanCreateDatabases", true,
                                        "encoding", "UTF8",
                                        "locale", "C.UTF-8",
                                        "walSegmentSizeMegabytes", 16)));
    }

    /** GitOps tools compare what they applied with what they read: an item that grew a field would differ for ever. */
    @Test
    void addsNothingToTheItemsOfLists() {
        GenericKubernetesResource created = api.create(Manifests.cluster("probe", CLAIM + """
                access:
                  - {name: office, cidr: 10.0.0.0/8}
                connectionSecrets:
                  - {name: client}
                """));

        assertThat(Manifests.spec(created))
                .containsEntry("access", List.of(Map.of("name", "office", "cidr", "10.0.0.0/8")))
                .containsEntry("connectionSecrets", List.of(Map.of("name", "client")));
    }

    /** kstatus takes a resource without status for finished: until the operator has seen it, it must not look so. */
    @Test
    void isNotTakenForFinishedBeforeTheOperatorHasSeenIt() {
        GenericKubernetesResource created = api.create(Manifests.cluster("probe", CLAIM));

        GenericKubernetesResource seen = api.resource(created).get();
        assertThat(seen.<Integer>get("status", "observedGeneration")).isEqualTo(-1);
        assertThat(seen.<String>get("status", "reason")).startsWith("Waiting for the operator");
        List<Object> cells =
                api.resource(created).getAsTable().getRows().getFirst().getCells();
        assertThat(cells.get(3)).as("the column Status").isEqualTo("Waiting");
    }

    @Test
    void keepsStatusAndSpecApart() {
        GenericKubernetesResource created = api.create(Manifests.cluster("probe", CLAIM));
        created.setAdditionalProperty("status", Map.of("observedGeneration", 7, "phase", "Running"));
        Manifests.spec(created).put("instances", 3);

        GenericKubernetesResource updated = api.resource(created).updateStatus();

        assertThat(updated.getAdditionalProperties())
                .containsEntry("status", Map.of("observedGeneration", 7, "phase", "Running"));
        assertThat(Manifests.spec(updated)).containsEntry("instances", 1);
    }

    @Test
    void scales() {
        GenericKubernetesResource created = api.create(Manifests.cluster("probe", CLAIM));
        created.setAdditionalProperty("status", Map.of("instances", 1, "selector", "primacy.dev/cluster=probe"));
        api.resource(created).updateStatus();

        Scale scale = api.resource(created).scale();
        assertThat(scale.getSpec().getReplicas()).isEqualTo(1);
        assertThat(scale.getStatus().getReplicas()).isEqualTo(1);
        assertThat(scale.getStatus().getSelector()).isEqualTo("primacy.dev/cluster=probe");

        scale.getSpec().setReplicas(3);
        api.resource(created).scale(scale);
        assertThat(Manifests.spec(api.resource(created).get())).containsEntry("instances", 3);
    }

    @Test
    void doesNotScaleBeyondItsBounds() {
        GenericKubernetesResource created = api.create(Manifests.cluster("probe", CLAIM));
        Scale scale = api.resource(created).scale();
        scale.getSpec().setReplicas(10);

        assertThatThrownBy(() -> api.resource(created).scale(scale))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec.instances in body should be less than or equal to 9");
    }

    @Test
    void isNotChangedByBeingAppliedAgain() {
        Awaitility.await("two applications with nobody in between")
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    String first = version(api.apply(Manifests.cluster("probe", CLAIM), "argocd"));
                    String second = version(api.apply(Manifests.cluster("probe", CLAIM), "argocd"));
                    assertThat(second).isEqualTo(first);
                });
    }

    @Test
    void mergesAccessRulesOfDifferentManagersByName() {
        api.apply(Manifests.cluster("probe", CLAIM + "access: [{name: office, cidr: 10.0.0.0/8}]"), "platform");

        GenericKubernetesResource merged =
                api.apply(Manifests.cluster("probe", "access: [{name: lab, cidr: 192.0.2.0/24}]"), "team");

        assertThat(Manifests.spec(merged))
                .containsEntry(
                        "access",
                        List.of(
                                Map.of("name", "office", "cidr", "10.0.0.0/8"),
                                Map.of("name", "lab", "cidr", "192.0.2.0/24")));
    }

    @Test
    void growsItsVolume() {
        api.apply(Manifests.cluster("probe", CLAIM), "team");

        GenericKubernetesResource grown = api.apply(Manifests.cluster("probe", CLAIM.replace("10Gi", "20Gi")), "team");

        assertThat(grown.<String>get("spec", "storage", "data", "persistentVolumeClaim", "size"))
                .isEqualTo("20Gi");
    }

    /** 10Gi and 10240Mi are the same size. */
    @Test
    void takesTheSameSizeInAnotherUnitForTheSame() {
        api.apply(Manifests.cluster("probe", CLAIM), "team");

        GenericKubernetesResource same =
                api.apply(Manifests.cluster("probe", CLAIM.replace("10Gi", "10240Mi")), "team");

        assertThat(same.<String>get("spec", "storage", "data", "persistentVolumeClaim", "size"))
                .isEqualTo("10240Mi");
    }

    /** PostgreSQL reads the values of this parameter whatever their case. */
    @ParameterizedTest
    @ValueSource(strings = {"on", "ON", "remote_apply", "Remote_Apply", "yes", "1"})
    void takesCommitsThatWaitForAStandbysDisk(String value) {
        GenericKubernetesResource cluster = Manifests.cluster("probe", CLAIM + """
                instances: 2
                replication: {mode: Synchronous}
                postgresql: {parameters: {synchronous_commit: "%s"}}
                """.formatted(value));

        assertThat(api.tryCreate(cluster).getMetadata().getUid()).isNotBlank();
    }

    @Test
    void showsAPersonHowItIs() {
        GenericKubernetesResource created = api.create(Manifests.cluster("probe", CLAIM));
        created.setAdditionalProperty(
                "status",
                Map.of(
                        "phase",
                        "Running",
                        "primary",
                        "probe-1",
                        "readyInstances",
                        1,
                        "lagBytes",
                        4096,
                        "reason",
                        "All is well"));
        api.resource(created).updateStatus();

        Table table = api.resource(created).getAsTable();

        assertThat(table.getColumnDefinitions())
                .extracting(TableColumnDefinition::getName)
                .containsExactly("Name", "Instances", "Ready", "Status", "Primary", "Version", "Age", "Lag", "Reason");
        assertThat(table.getColumnDefinitions())
                .filteredOn(column -> column.getPriority() > 0)
                .extracting(TableColumnDefinition::getName)
                .containsExactly("Lag", "Reason");
        List<Object> cells = table.getRows().getFirst().getCells();
        assertThat(cells.subList(0, 6)).containsExactly("probe", 1, 1, "Running", "probe-1", 17);
        assertThat(cells.subList(7, 9)).containsExactly(4096, "All is well");
    }

    @Test
    void isFoundByItsShortNameItsCategoryAndItsFields() {
        api.create(Manifests.cluster("probe", CLAIM));

        assertThat(api.client().getApiResources("primacy.dev/v1").getResources())
                .filteredOn(resource -> resource.getName().equals("postgresclusters"))
                .singleElement()
                .satisfies(resource -> {
                    assertThat(resource.getShortNames()).containsExactly("pgc");
                    assertThat(resource.getCategories()).containsExactly("primacy");
                });
        assertThat(api.client()
                        .genericKubernetesResources("primacy.dev/v1", "PostgresCluster")
                        .inNamespace(api.namespace())
                        .withField("spec.profile", "Production")
                        .withField("spec.postgresVersion", "17")
                        .list()
                        .getItems())
                .extracting(cluster -> cluster.getMetadata().getName())
                .containsExactly("probe");
    }

    private static String version(GenericKubernetesResource resource) {
        return resource.getMetadata().getResourceVersion();
    }
}
