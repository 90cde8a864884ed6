package dev.primacy.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("chart")
class ChartTest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    @Test
    @DisplayName("helm lint finds nothing, however strict")
    void lints() {
        assertThat(Helm.run("lint", "--strict", Helm.CHART.toString()))
                .satisfies(run -> assertThat(run.exitCode()).as(run.output()).isZero());
    }

    @Test
    @DisplayName("the definitions in the chart are those of crds/, but for the annotation that keeps them")
    void carriesTheDefinitions() throws IOException {
        String chart = Helm.template("--show-only", "templates/crds.yaml").output();
        try (Stream<Path> definitions = Files.list(Path.of("../crds"))) {
            for (Path definition : definitions
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .toList()) {
                assertThat(chart.replace("  annotations:\n    helm.sh/resource-policy: keep\n", ""))
                        .contains(Files.readString(definition));
            }
        }
    }

    @Test
    @DisplayName("crds.keep decides whether an uninstall leaves the definitions, crds.enabled whether there are any")
    void keepsTheDefinitions() {
        assertThat(of("CustomResourceDefinition", Helm.objects()))
                .isNotEmpty()
                .allSatisfy(definition -> assertThat(definition.getMetadata().getAnnotations())
                        .containsEntry("helm.sh/resource-policy", "keep"));
        assertThat(of("CustomResourceDefinition", Helm.objects("--set", "crds.keep=false")))
                .isNotEmpty()
                .allSatisfy(definition ->
                        assertThat(definition.getMetadata().getAnnotations()).isNullOrEmpty());
        assertThat(of("CustomResourceDefinition", Helm.objects("--set", "crds.enabled=false")))
                .isEmpty();
    }

    @Test
    @DisplayName("cluster-wide, the operator may read Secrets everywhere, and nothing in its own namespace but Leases")
    void servesAllNamespaces() {
        List<GenericKubernetesResource> objects = Helm.objects();
        assertThat(operatorClusterRole(objects)).anySatisfy(ChartTest::allowsSecrets);
        assertThat(of("Role", objects))
                .singleElement()
                .satisfies(role -> assertThat(as(role, Role.class).getRules())
                        .flatExtracting(PolicyRule::getResources)
                        .containsOnly("leases"));
        assertThat(environment(deployment(objects), "PRIMACY_WATCH_NAMESPACES")).isEmpty();
    }

    @Test
    @DisplayName("with watchNamespaces the operator may read Secrets in those alone")
    void servesSomeNamespaces() {
        List<GenericKubernetesResource> objects = Helm.objects("--set", "watchNamespaces={shop,ci}");
        assertThat(operatorClusterRole(objects))
                .as("what stays cluster-wide, as docs/install.md says")
                .singleElement()
                .satisfies(rule -> {
                    assertThat(rule.getResources()).containsExactlyInAnyOrder("nodes", "namespaces");
                    assertThat(rule.getVerbs()).containsExactlyInAnyOrder("get", "list", "watch");
                });
        assertThat(of("Role", objects))
                .filteredOn(role -> as(role, Role.class).getRules().stream()
                        .anyMatch(rule -> rule.getResources().contains("secrets")))
                .extracting(role -> role.getMetadata().getNamespace())
                .containsExactlyInAnyOrder("shop", "ci");
        assertThat(of("RoleBinding", objects))
                .extracting(binding -> binding.getMetadata().getNamespace())
                .contains("shop", "ci");
        assertThat(environment(deployment(objects), "PRIMACY_WATCH_NAMESPACES")).isEqualTo("shop,ci");
    }

    @Test
    @DisplayName("no role has a wildcard, may impersonate, escalate, bind, or run commands in pods")
    void leastPrivilege() {
        Stream<PolicyRule> rules = Stream.concat(
                of("ClusterRole", Helm.objects()).stream()
                        .flatMap(role -> as(role, ClusterRole.class).getRules().stream()),
                of("Role", Helm.objects()).stream().flatMap(role -> as(role, Role.class).getRules().stream()));
        assertThat(rules).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.getVerbs()).doesNotContain("*", "impersonate", "escalate", "bind");
            assertThat(rule.getResources()).doesNotContain("*", "pods/exec", "roles", "rolebindings", "clusterroles");
            assertThat(rule.getApiGroups()).doesNotContain("*");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            -                                                            | primacy-operator:0.1.0
            image.tag=dev                                                | primacy-operator:dev
            image.registry=registry.example.com:5000/a,image.tag=1       | registry.example.com:5000/a/primacy-operator:1
            image.repository=registry.example.com:5000/a/operator,image.tag=1 | registry.example.com:5000/a/operator:1
            image.registry=here.example.com,global.imageRegistry=mirror.example.com | mirror.example.com/primacy-operator:0.1.0
            image.tag=1,image.digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef | primacy-operator@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
            """)
    @DisplayName("the operator's image by registry, tag and digest")
    void operatorImage(String values, String image) {
        List<GenericKubernetesResource> objects =
                values == null ? Helm.objects() : Helm.objects("--set-string", values);
        assertThat(pod(deployment(objects)).getContainers().getFirst().getImage())
                .isEqualTo(image);
    }

    @Test
    @DisplayName("the catalogue of PostgreSQL images follows the global registry, a tag, or a whole reference")
    void postgresImages() {
        Deployment deployment = deployment(
                Helm.objects(
                        "--set-string",
                        "global.imageRegistry=mirror.example.com,postgres.tags.17=17.6,postgres.images.18=else.example.com/pg:18"));
        assertThat(environment(deployment, "PRIMACY_IMAGE_16")).isEqualTo("mirror.example.com/library/postgres:16");
        assertThat(environment(deployment, "PRIMACY_IMAGE_17")).isEqualTo("mirror.example.com/library/postgres:17.6");
        assertThat(environment(deployment, "PRIMACY_IMAGE_18")).isEqualTo("else.example.com/pg:18");
        assertThat(environment(deployment(Helm.objects()), "PRIMACY_IMAGE_15"))
                .isEqualTo("docker.io/library/postgres:15");
    }

    @Test
    @DisplayName("every pod meets the restricted Pod Security Standard with a read-only root")
    void restricted() {
        List<PodSpec> pods = List.of(
                pod(deployment(Helm.objects())),
                as(of("Pod", Helm.objects()).getFirst(), io.fabric8.kubernetes.api.model.Pod.class)
                        .getSpec());
        assertThat(pods).allSatisfy(pod -> {
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            assertThat(pod.getContainers()).isNotEmpty().allSatisfy(container -> {
                assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                        .isFalse();
                assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                        .isTrue();
                assertThat(container.getSecurityContext().getCapabilities().getDrop())
                        .containsExactly("ALL");
                assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
            });
        });
    }

    @Test
    @DisplayName("on OpenShift no user id is set, there and for the databases")
    void openshift() {
        Deployment deployment = deployment(Helm.objects("--api-versions", "security.openshift.io/v1"));
        assertThat(pod(deployment).getSecurityContext().getRunAsUser()).isNull();
        assertThat(environment(deployment, "PRIMACY_OPENSHIFT")).isEqualTo("true");
        assertThat(environment(deployment(Helm.objects()), "PRIMACY_OPENSHIFT")).isEqualTo("false");
    }

    @Test
    @DisplayName("PodMonitor, NetworkPolicy and PodDisruptionBudget come and go with their switches")
    void switches() {
        assertThat(Helm.objects())
                .extracting(GenericKubernetesResource::getKind)
                .doesNotContain("PodMonitor");
        assertThat(Helm.objects("--set", "podMonitor.enabled=true"))
                .extracting(GenericKubernetesResource::getKind)
                .contains("PodMonitor", "NetworkPolicy", "PodDisruptionBudget");
        assertThat(Helm.objects("--set", "networkPolicy.enabled=false,replicas=1"))
                .extracting(GenericKubernetesResource::getKind)
                .doesNotContain("NetworkPolicy", "PodDisruptionBudget");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            replicas=none              | /replicas
            replicas=0                 | /replicas
            watchNamespace=shop        | watchNamespace
            watchNamespaces={Shop}     | /watchNamespaces/0
            image.digest=latest        | /image/digest
            image.repository=operator:1 | /image/repository
            log.level=loud             | /log/level
            postgres.tags.14=14        | 14
            podMonitor.interval=often  | /podMonitor/interval
            """)
    @DisplayName("a value that makes no sense is refused by name")
    void refusesNonsense(String values, String named) {
        Helm.Run run = Helm.template("--set", values);
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.output()).contains(named);
    }

    @Test
    @DisplayName("a Kubernetes that cannot read the definition's rules is refused before anything is installed")
    void refusesAnOldKubernetes() {
        assertThat(Helm.template("--kube-version", "1.31.0").exitCode()).isZero();
        Helm.Run run = Helm.template("--kube-version", "1.30.9");
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.output()).contains(">=1.31.0");
    }

    private static List<PolicyRule> operatorClusterRole(List<GenericKubernetesResource> objects) {
        return of("ClusterRole", objects).stream()
                .filter(role -> role.getMetadata().getName().equals("primacy-system:primacy"))
                .flatMap(role -> as(role, ClusterRole.class).getRules().stream())
                .toList();
    }

    private static void allowsSecrets(PolicyRule rule) {
        assertThat(rule.getResources()).contains("secrets");
    }

    private static Deployment deployment(List<GenericKubernetesResource> objects) {
        return as(of("Deployment", objects).getFirst(), Deployment.class);
    }

    private static PodSpec pod(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec();
    }

    private static String environment(Deployment deployment, String name) {
        return pod(deployment).getContainers().getFirst().getEnv().stream()
                .filter(variable -> variable.getName().equals(name))
                .map(variable -> variable.getValue())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no variable " + name));
    }

    private static List<GenericKubernetesResource> of(String kind, List<GenericKubernetesResource> objects) {
        return objects.stream().filter(object -> object.getKind().equals(kind)).toList();
    }

    private static <T> T as(GenericKubernetesResource object, Class<T> type) {
        return YAML.unmarshal(YAML.asJson(object), type);
    }
}
