package dev.primacy.e2e.harness;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.PostgresClusterStatus.MemberStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** One PostgresCluster, as a user handles it: change the manifest, wait for the status, connect. */
public final class Cluster {
    /** Far more than anything takes; how long things take is for the benchmarks to say. */
    public static final Duration PATIENCE = Eventually.patiently(Duration.ofSeconds(90));

    private final Space space;
    private final String name;

    Cluster(Space space, String name) {
        this.space = space;
        this.name = name;
    }

    public String name() {
        return name;
    }

    public Space space() {
        return space;
    }

    /** The name of a member by its number. */
    public String member(int number) {
        return name + "-" + number;
    }

    // --- the manifest
    // -------------------------------------------------------------------------------------------------

    /** Changes fields of the spec, given as YAML; null removes one. Returns once the API server has taken them. */
    public Cluster change(String spec) {
        merge(Map.of("spec", Serialization.unmarshal(spec, Map.class)));
        return this;
    }

    /** One of the requests that the operator consumes. */
    public Cluster annotate(String annotation, String value) {
        merge(Map.of("metadata", Map.of("annotations", Map.of(annotation, value))));
        return this;
    }

    private void merge(Map<String, ?> patch) {
        resource().patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(patch));
    }

    /** Returns when the member is the primary, and all is Ready. */
    public Cluster switchOverTo(String member) {
        return annotate("primacy.dev/switchover", member)
                .await(
                        member + " is the primary",
                        seen -> member.equals(seen.getStatus().primary()))
                .awaitReady();
    }

    /** Asks for its deletion and returns at once. */
    public void delete() {
        resource().delete();
    }

    public void awaitGone() {
        Awaitility.await(name + " is gone")
                .atMost(PATIENCE)
                .until(() -> resource().get() == null);
    }

    public Resource<PostgresCluster> resource() {
        return client().resources(PostgresCluster.class)
                .inNamespace(space.name())
                .withName(name);
    }

    // --- the status
    // ---------------------------------------------------------------------------------------------------

    public PostgresCluster get() {
        return Objects.requireNonNull(resource().get(), "there is no PostgresCluster " + name);
    }

    public PostgresClusterStatus status() {
        return get().getStatus();
    }

    public String primary() {
        return Objects.requireNonNull(status().primary(), "it has no primary");
    }

    public List<String> standbys() {
        PostgresClusterStatus status = status();
        return status.members().stream()
                .map(MemberStatus::name)
                .filter(member -> !member.equals(status.primary()))
                .toList();
    }

    public static Optional<Condition> condition(PostgresCluster cluster, String type) {
        return cluster.getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    public static boolean is(PostgresCluster cluster, String type) {
        return condition(cluster, type)
                .filter(condition -> "True".equals(condition.getStatus()))
                .isPresent();
    }

    /** Whether its reason, which tells a person what is going on, has all of these words. */
    public static boolean says(PostgresCluster cluster, String... words) {
        String reason = cluster.getStatus() == null ? null : cluster.getStatus().reason();
        return reason != null && Stream.of(words).allMatch(reason::contains);
    }

    /** Ready as kstatus means it: for the generation that is there now. */
    public static boolean isReady(PostgresCluster cluster) {
        return Objects.equals(
                        cluster.getStatus().observedGeneration(),
                        cluster.getMetadata().getGeneration())
                && is(cluster, "Ready");
    }

    public Cluster awaitReady() {
        return await("it is Ready", Cluster::isReady);
    }

    /** The timeline of the primary, as the status says. */
    public int timeline() {
        return Objects.requireNonNull(status().timeline(), "it has no timeline");
    }

    /** Waits until somebody was promoted: another member, or the same one again. */
    public Cluster awaitTimelineAfter(int timeline) {
        return await("somebody is promoted after timeline " + timeline, seen -> {
            Integer now = seen.getStatus().timeline();
            return now != null && now > timeline;
        });
    }

    /** Waits, by a watch, until the resource is as asked. */
    public Cluster await(String what, Predicate<PostgresCluster> wanted) {
        return await(what, PATIENCE, wanted);
    }

    public Cluster await(String what, Duration patience, Predicate<PostgresCluster> wanted) {
        try {
            resource()
                    .waitUntilCondition(
                            seen -> seen != null && wanted.test(seen), patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (KubernetesClientTimeoutException e) {
            PostgresCluster last = resource().get();
            throw new AssertionError(
                    "Waited %d s in vain until %s; %s's status:%n%s"
                            .formatted(
                                    patience.toSeconds(),
                                    what,
                                    name,
                                    last == null ? "(gone)" : Serialization.asYaml(last.getStatus())),
                    e);
        }
        return this;
    }

    /** Waits, by a watch, until -rw leads to another member. */
    public void awaitRoutedElsewhere(String than) {
        client().services()
                .inNamespace(space.name())
                .withName(name + "-rw")
                .waitUntilCondition(
                        seen -> seen != null
                                && !than.equals(seen.getSpec().getSelector().get("primacy.dev/member")),
                        PATIENCE.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    // --- SQL
    // ----------------------------------------------------------------------------------------------------------

    /** As the owner, through -rw, checking the server's certificate. */
    public Sql sql() {
        return through(name + "-rw");
    }

    /** As the owner, through -ro. */
    public Sql reads() {
        return through(name + "-ro");
    }

    /** As the owner, through any Service of the cluster. */
    public Sql through(String service) {
        return to(Objects.requireNonNull(
                        client().services()
                                .inNamespace(space.name())
                                .withName(service)
                                .get(),
                        "there is no Service " + service)
                .getSpec()
                .getClusterIP());
    }

    /** As the owner, to one member's pod. */
    public Sql sqlOn(String member) {
        return to(pod(member).getStatus().getPodIP());
    }

    private Sql to(String host) {
        return at(
                host,
                Integer.parseInt(
                        Objects.requireNonNull(space.secretData(name + "-app").get("port"))));
    }

    /** As the owner, at an address of which the cluster's Secret does not tell. */
    public Sql at(String host, int port) {
        Map<String, String> secret = space.secretData(name + "-app");
        return new Sql(
                host,
                port,
                Objects.requireNonNull(secret.get("database")),
                Objects.requireNonNull(secret.get("username")),
                Objects.requireNonNull(secret.get("password")),
                "verify-ca",
                file(Objects.requireNonNull(secret.get("ca.crt"))));
    }

    static String file(String pem) {
        try {
            Path file = Files.createTempFile("authority", ".pem");
            file.toFile().deleteOnExit();
            return Files.writeString(file, pem).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a table with one row through -rw. */
    public Cluster seed() throws SQLException {
        sql().run(
                        "create table if not exists seed (id int primary key, at timestamptz default now())",
                        "insert into seed values (1) on conflict do nothing");
        return this;
    }

    /** As superuser over the local socket of a member's pod; unaligned output without headings. */
    public String superuser(String member, String sql) {
        return exec(
                        member,
                        "psql",
                        "-XAtq",
                        "-v",
                        "ON_ERROR_STOP=1",
                        "-h",
                        "/run/primacy/socket",
                        "-p",
                        Integer.toString(get().getSpec().port()),
                        "-U",
                        "postgres",
                        "-d",
                        "postgres",
                        "-c",
                        sql)
                .strip();
    }

    /**
     * A digest of everything that a member has: its roles, and all databases as they are dumped. A physical copy has its rows in the same
     * order. What {@code \\restrict} says is random (PostgreSQL 17.6).
     */
    String digestOfDump(String member) {
        return exec(
                        member,
                        "bash",
                        "-c",
                        "set -o pipefail; pg_dumpall -h /run/primacy/socket -p "
                                + get().getSpec().port() + " -U postgres | sed -E '/^\\\\(un)?restrict /d' | sha256sum")
                .strip();
    }

    /** What nobody should do: the operator did not mean it, and who judges the operator's passes is told so. */
    public void promoteByHand(String member) {
        PassLog.promotedByHand(get());
        superuser(member, "select pg_promote()");
    }

    // --- pods
    // ---------------------------------------------------------------------------------------------------------

    public PodResource podResource(String member) {
        return client().pods().inNamespace(space.name()).withName(member + "-0");
    }

    public Resource<PersistentVolumeClaim> claimResource(String member) {
        return client().persistentVolumeClaims().inNamespace(space.name()).withName("data-" + member);
    }

    public Pod pod(String member) {
        return Objects.requireNonNull(podResource(member).get(), "there is no pod of " + member);
    }

    /** The address of a member's pod. */
    public String address(String member) {
        return Objects.requireNonNull(pod(member).getStatus().getPodIP(), "the pod of " + member + " has no address");
    }

    /** What the cluster's status says of a member. */
    public MemberStatus statusOf(String member) {
        return status().members().stream()
                .filter(seen -> seen.name().equals(member))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the status has no member " + member));
    }

    /** The members whose pods are on a node. */
    public List<String> membersOn(String node) {
        return status().members().stream()
                .map(MemberStatus::name)
                .filter(member -> node.equals(pod(member).getSpec().getNodeName()))
                .toList();
    }

    public @Nullable String podUid(String member) {
        Pod pod = podResource(member).get();
        return pod == null ? null : pod.getMetadata().getUid();
    }

    /** How often the kubelet has restarted the member's container. */
    public int restarts(String member) {
        return pod(member).getStatus().getContainerStatuses().stream()
                .mapToInt(ContainerStatus::getRestartCount)
                .sum();
    }

    /**
     * Runs a command in a member's container and returns what it wrote.
     *
     * @throws AssertionError if it fails, with what it wrote to standard error
     */
    public String exec(String member, String... command) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        try (ExecWatch watch = podResource(member)
                .inContainer("postgres")
                .writingOutput(out)
                .writingError(err)
                .exec(command)) {
            Integer code = watch.exitCode().get(30, TimeUnit.SECONDS);
            if (!Objects.equals(code, 0)) {
                throw new AssertionError("%s in %s ended with %s: %s"
                        .formatted(String.join(" ", command), member, code, err.toString(StandardCharsets.UTF_8)));
            }
            return out.toString(StandardCharsets.UTF_8);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("%s in %s: %s".formatted(String.join(" ", command), member, e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The reasons of the events on the resource, and their messages, oldest first: {@code Reason: message}. */
    public List<String> events() {
        return client().v1().events().inNamespace(space.name()).list().getItems().stream()
                .filter(event ->
                        "PostgresCluster".equals(event.getInvolvedObject().getKind())
                                && name.equals(event.getInvolvedObject().getName()))
                .sorted(Comparator.comparing(event -> event.getEventTime().getTime()))
                .map(event -> event.getReason() + ": " + event.getMessage())
                .toList();
    }

    private KubernetesClient client() {
        return space.client();
    }
}
