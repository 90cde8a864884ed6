package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code spec.postgresql.parameters}: what can be reloaded is, what needs a restart is restarted, and what is wrong is said so. */
@EndToEnd
class ConfigurationTest {
    private static final String POSTMASTER_STARTED = "select pg_postmaster_start_time()";

    private Cluster cluster;

    @BeforeEach
    void apply(Space space) throws SQLException {
        cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
    }

    @Test
    void aReloadableParameterIsInForceOnEveryMemberWithoutARestart() throws SQLException {
        List<String> started = started();
        cluster.change("postgresql: {parameters: {work_mem: 7MB, log_min_duration_statement: 5s}}");
        Eventually.within(Duration.ofSeconds(15), "work_mem is 7MB on both", () -> {
            for (String member : List.of("orders-1", "orders-2")) {
                assertThat(cluster.sqlOn(member).value("show work_mem")).isEqualTo("7MB");
            }
        });
        cluster.awaitReady();
        assertThat(started()).isEqualTo(started);

        // Taken out again, it goes back to PostgreSQL's own default.
        cluster.change("postgresql: {parameters: {work_mem: null}}");
        Eventually.within(
                Duration.ofSeconds(15),
                "work_mem is the default again",
                () -> assertThat(cluster.sql().value("show work_mem")).isEqualTo("4MB"));
        assertThat(started()).isEqualTo(started);
    }

    @Test
    void aParameterThatNeedsARestartIsAnnouncedAndDoneStandbysFirst() throws SQLException {
        Set<String> announced = new ConcurrentSkipListSet<>();
        try (var _ = cluster.resource().watch(new Announcements(announced))) {
            cluster.change("postgresql: {parameters: {max_connections: \"150\"}}");
            cluster.await(
                    "max_connections is 150 on both and nothing waits",
                    seen -> Cluster.isReady(seen)
                            && seen.getStatus().pendingRestart() == null
                            && "150".equals(shown("orders-1"))
                            && "150".equals(shown("orders-2")));
        }
        assertThat(announced)
                .as("status.pendingRestart named them beforehand")
                .contains("orders-1 max_connections", "orders-2 max_connections");
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("1");
        List<String> restarts = cluster.events().stream()
                .filter(event -> event.startsWith("Restarting:") || event.startsWith("SwitchingOver:"))
                .toList();
        assertThat(restarts).first().asString().contains("orders-2").contains("max_connections");
        assertThat(restarts)
                .as("a standby takes over before the primary restarts")
                .anyMatch(event -> event.startsWith("SwitchingOver:") && event.contains("max_connections"));
        assertThat(cluster.restarts("orders-1"))
                .as("PostgreSQL restarts in its container")
                .isZero();
    }

    @Test
    void aRestartOnRequestReplacesOnePodAfterTheOther() throws SQLException {
        String primary = cluster.primary();
        String standby = cluster.standbys().getFirst();
        Set<String> before = Set.of(uid(primary), uid(standby));
        cluster.annotate("primacy.dev/restart", "because I say so");
        Eventually.soon(
                "both pods are new",
                () -> assertThat(Set.of(uid(primary), uid(standby))).doesNotContainAnyElementsOf(before));
        cluster.await(
                "it is Ready and the request taken off",
                seen -> Cluster.isReady(seen)
                        && "because I say so".equals(seen.getStatus().restart())
                        && !seen.getMetadata().getAnnotations().containsKey("primacy.dev/restart"));
        assertThat(cluster.primary())
                .as("the standby was new when it took over")
                .isEqualTo(standby);
        assertThat(cluster.events()).anyMatch(event -> event.startsWith("RestartRequested:"));
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("1");
    }

    private String uid(String member) {
        return Objects.requireNonNull(cluster.podUid(member), member + " has no pod");
    }

    @Test
    void maxConnectionsCanBeLowered() throws SQLException {
        cluster.change("postgresql: {parameters: {max_connections: \"60\"}}");
        Eventually.soon("max_connections is 60 on both", () -> {
            assertThat(cluster.sqlOn("orders-1").value("show max_connections")).isEqualTo("60");
            assertThat(cluster.sqlOn("orders-2").value("show max_connections")).isEqualTo("60");
        });
        cluster.await(
                "it is Ready and nothing waits",
                seen -> Cluster.isReady(seen) && seen.getStatus().pendingRestart() == null);
        cluster.sql().run("insert into seed values (2)");
        Eventually.soon(
                "replication goes on",
                () -> assertThat(cluster.sqlOn(cluster.standbys().getFirst()).value("select count(*) from seed"))
                        .isEqualTo("2"));
    }

    @Test
    void aValueThatPostgresqlRefusesIsReportedAndNotLoaded() throws SQLException {
        List<String> started = started();
        cluster.change("postgresql: {parameters: {work_mem: plenty, maintenance_work_mem: 70MB}}")
                .await("the status names the parameter", seen -> Cluster.says(seen, "work_mem"));
        assertThat(cluster.sql().value("show work_mem")).isEqualTo("4MB");
        assertThat(cluster.sql().value("show maintenance_work_mem"))
                .as("nothing of a bad file is loaded")
                .isEqualTo("64MB");
        assertThat(started()).isEqualTo(started);

        cluster.change("postgresql: {parameters: {work_mem: 6MB}}").awaitReady();
        Eventually.soon("the mended file is loaded", () -> {
            assertThat(cluster.sql().value("show work_mem")).isEqualTo("6MB");
            assertThat(cluster.sql().value("show maintenance_work_mem")).isEqualTo("70MB");
        });
    }

    @Test
    void aLibraryThatTheImageLacksDoesNotTakeTheClusterDown() throws SQLException {
        cluster.change("postgresql: {sharedPreloadLibraries: [no_such_library]}")
                .await(
                        "the status says so",
                        seen -> Cluster.says(seen, "orders-2: reload did not succeed: PostgreSQL did not start"));
        Eventually.throughout(
                Duration.ofSeconds(5),
                "the primary takes writes",
                () -> cluster.sql().run("insert into seed values (9) on conflict (id) do update set at = now()"));
        cluster.change("postgresql: {sharedPreloadLibraries: null}").awaitReady();
        assertThat(cluster.sql().value("select count(*) from seed")).isEqualTo("2");
    }

    @Test
    void aPreloadedLibraryIsThereAfterARollingRestart() {
        cluster.change("postgresql: {sharedPreloadLibraries: [pg_stat_statements]}");
        Eventually.soon("it is loaded on both", () -> {
            for (String member : List.of("orders-1", "orders-2")) {
                assertThat(cluster.superuser(member, "show shared_preload_libraries"))
                        .isEqualTo("pg_stat_statements");
            }
        });
        cluster.awaitReady();
    }

    @Test
    void settingsOfReplicationThatSomebodyChangedByAlterSystemArePutBack() {
        String primary = Objects.requireNonNull(cluster.status().primary());
        String standby = primary.equals("orders-1") ? "orders-2" : "orders-1";
        alterSystem(standby, "primary_slot_name = 'by_hand'");
        alterSystem(primary, "primacy.promotable = 'orders-9'");
        Eventually.soon(
                "the standby streams by its own slot",
                () -> assertThat(cluster.superuser(standby, "show primary_slot_name"))
                        .isEqualTo(standby.replace('-', '_')));
        Eventually.soon(
                "the primary knows its peers",
                () -> assertThat(cluster.superuser(primary, "show primacy.promotable"))
                        .contains(standby));
        cluster.awaitReady();
        assertThat(cluster.status().primary()).isEqualTo(primary);
    }

    private void alterSystem(String member, String setting) {
        cluster.superuser(member, "alter system set " + setting);
        cluster.superuser(member, "select pg_reload_conf()");
    }

    @Test
    void rulesThatSomebodyPutIntoTheConfigMapAreTakenOut() {
        cluster.space()
                .client()
                .configMaps()
                .inNamespace(cluster.space().name())
                .withName("orders-config")
                .edit(map -> {
                    map.getData().put("pg_hba.conf", "local all all trust\nhost all all all trust\n");
                    return map;
                });
        Eventually.soon(
                "the ConfigMap says again what the operator wants",
                () -> assertThat(cluster.space()
                                .client()
                                .configMaps()
                                .inNamespace(cluster.space().name())
                                .withName("orders-config")
                                .get()
                                .getData()
                                .get("pg_hba.conf"))
                        .doesNotContain("host all all all trust"));
        // If the kubelet saw the change in between, it takes up to a minute and a half to project the next version.
        Eventually.within(Duration.ofMinutes(3), "no member has a rule that trusts the network", () -> {
            for (String member : List.of("orders-1", "orders-2")) {
                assertThat(
                                cluster.superuser(
                                        member,
                                        "select count(*) from pg_hba_file_rules where auth_method = 'trust' and type like 'host%'"))
                        .isEqualTo("0");
            }
        });
    }

    private List<String> started() throws SQLException {
        return List.of(
                cluster.sqlOn("orders-1").value(POSTMASTER_STARTED),
                cluster.sqlOn("orders-2").value(POSTMASTER_STARTED));
    }

    private String shown(String member) {
        try {
            return cluster.sqlOn(member).value("show max_connections");
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
