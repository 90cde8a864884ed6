package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.PostgresClusterStatus.MemberStatus;
import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Site;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Sql;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three members, as most clusters are: what a newcomer gets from the quickstart. Nothing here changes the cluster. */
@EndToEnd
class ThreeMembersTest {
    private static Cluster cluster;

    @BeforeAll
    static void apply(Space space) throws SQLException {
        cluster = space.apply("orders", Specs.THREE).awaitReady();
        cluster.sql()
                .run("create table items (id int primary key, name text)", "insert into items values (1, 'first')");
    }

    @Test
    void dataFlowsToEveryStandby() throws SQLException {
        cluster.sql().run("insert into items select n, 'row ' || n from generate_series(100, 1099) n");
        assertThat(cluster.standbys()).hasSize(2).allSatisfy(standby -> {
            Sql sql = cluster.sqlOn(standby);
            assertThat(sql.value("select pg_is_in_recovery()")).isEqualTo("t");
            Eventually.within(
                    Duration.ofSeconds(5),
                    "the rows are on " + standby,
                    () -> assertThat(sql.value("select count(*) from items where id >= 100"))
                            .isEqualTo("1000"));
        });
    }

    @Test
    void readWriteServiceLeadsToThePrimaryAlone() throws SQLException {
        assertThat(cluster.sql().value("select pg_is_in_recovery()")).isEqualTo("f");
        assertThat(cluster.sql().value("select current_setting('cluster_name')"))
                .isEqualTo(cluster.primary());
    }

    @Test
    void readOnlyServiceLeadsToStandbysWhichRefuseWrites() throws SQLException {
        Sql reads = cluster.reads();
        for (int attempt = 0; attempt < 8; attempt++) {
            assertThat(reads.value("select current_setting('cluster_name')")).isIn(cluster.standbys());
        }
        assertThatThrownBy(() -> reads.run("insert into items values (2, 'no')"))
                .hasMessageContaining("read-only transaction");
    }

    @Test
    void allMembersServiceLeadsToAMember() throws SQLException {
        assertThat(cluster.through("orders-r").value("select current_setting('cluster_name')"))
                .isIn(cluster.member(1), cluster.member(2), cluster.member(3));
    }

    @Test
    void statusTellsEachMember() {
        PostgresClusterStatus status = cluster.await(
                        "lag and position of every member are there",
                        seen -> seen.getStatus().members().stream().allMatch(member -> member.lsn() != null))
                .status();
        assertThat(status.members()).extracting(MemberStatus::name).containsExactly("orders-1", "orders-2", "orders-3");
        assertThat(status.members()).allSatisfy(member -> {
            assertThat(member.ready()).isTrue();
            assertThat(member.timeline()).isEqualTo(status.maxTimeline());
            assertThat(member.node()).isNotBlank();
        });
        for (MemberStatus member : status.members()) {
            if (member.name().equals(status.primary())) {
                assertThat(member.role()).isEqualTo("primary");
                assertThat(member.slot()).isNull();
            } else {
                assertThat(member.role()).isEqualTo("standby");
                assertThat(member.state()).isEqualTo("streaming");
                assertThat(member.slot()).isEqualTo(member.name().replace('-', '_'));
                assertThat(member.lagBytes()).isNotNull();
                assertThat(member.syncState()).isEqualTo("async");
            }
        }
        assertThat(status.instances()).isEqualTo(3);
        assertThat(status.readyInstances()).isEqualTo(3);
        assertThat(status.systemId()).matches("\\d+");
        assertThat(status.postgresVersion()).isEqualTo(17);
        assertThat(status.writeService()).startsWith("orders-rw.");
        assertThat(status.timeToReadySeconds()).isBetween(0.5, 90.0);
    }

    @Test
    void conditionsReadAsKstatusWants() {
        PostgresCluster seen = cluster.get();
        assertThat(Cluster.is(seen, "Ready")).isTrue();
        assertThat(Cluster.is(seen, "PrimaryAvailable")).isTrue();
        assertThat(Cluster.is(seen, "ReplicationHealthy")).isTrue();
        assertThat(Cluster.condition(seen, "Reconciling")).isEmpty();
        assertThat(Cluster.condition(seen, "Stalled")).isEmpty();
        assertThat(seen.getStatus().conditions()).allSatisfy(condition -> {
            assertThat(condition.getObservedGeneration())
                    .isEqualTo(seen.getMetadata().getGeneration());
            assertThat(condition.getMessage()).isNotBlank();
        });
    }

    @Test
    void columnsTellAPersonHowItIs(Site site) {
        List<String> lines =
                site.kubectl("get", "pgc", "-n", cluster.space().name()).lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst().split("\\s+"))
                .containsExactly("NAME", "INSTANCES", "READY", "STATUS", "PRIMARY", "VERSION", "AGE");
        assertThat(lines.getLast().split("\\s+")).startsWith("orders", "3", "3", "Running", cluster.primary(), "17");
        assertThat(site.kubectl("get", "pgc", "-n", cluster.space().name(), "-o", "wide"))
                .contains("LAG");
    }

    @Test
    void descriptionSaysWhatHappenedInWords(Site site) {
        String description =
                site.kubectl("describe", "pgc", "orders", "-n", cluster.space().name());
        assertThat(description)
                .contains(cluster.primary() + " is the primary; 2 standbys stream")
                .contains("Events:")
                .doesNotContain("Exception", "null");
        assertThat(cluster.events()).isNotEmpty();
    }

    @Test
    void slotOfEachStandbyIsActiveOnThePrimaryAndNowhereElse() {
        List<String> expected = cluster.standbys().stream()
                .map(member -> member.replace('-', '_'))
                .sorted()
                .toList();
        String slots = "select slot_name from pg_replication_slots where active order by 1";
        assertThat(cluster.superuser(cluster.primary(), slots).lines()).containsExactlyElementsOf(expected);
        for (String standby : cluster.standbys()) {
            assertThat(cluster.superuser(standby, "select count(*) from pg_replication_slots where active"))
                    .isEqualTo("0");
        }
        assertThat(cluster.superuser(cluster.primary(), "show max_slot_wal_keep_size"))
                .isNotEqualTo("-1");
    }

    @Test
    void standbysReplicateByCertificateOverTls() {
        assertThat(cluster.superuser(
                                cluster.primary(),
                                "select r.usename || ' ' || s.ssl || ' ' || s.client_dn from pg_stat_replication r join"
                                        + " pg_stat_ssl s using (pid) order by r.application_name")
                        .lines())
                .containsExactly(
                        "primacy_replica true /CN=primacy_replica", "primacy_replica true /CN=primacy_replica");
    }

    @Test
    void dataHasChecksumsAndADirectoryOfItsOwn() {
        for (String member : List.of("orders-1", "orders-2", "orders-3")) {
            assertThat(cluster.superuser(member, "show data_checksums")).isEqualTo("on");
            assertThat(cluster.superuser(member, "show data_directory")).isEqualTo("/var/lib/primacy/pgdata");
            assertThat(cluster.exec(member, "stat", "-c", "%a", "/var/lib/primacy/pgdata")
                            .strip())
                    .isEqualTo("700");
        }
    }

    @Test
    void eachMemberHasAClaimOfItsOwnThatNamesItsData() {
        String systemId = Objects.requireNonNull(cluster.status().systemId());
        for (String member : List.of("orders-1", "orders-2", "orders-3")) {
            PersistentVolumeClaim claim = cluster.claimResource(member).get();
            assertThat(claim.getStatus().getPhase()).isEqualTo("Bound");
            assertThat(claim.getSpec().getResources().getRequests().get("storage"))
                    .hasToString("1Gi");
            assertThat(claim.getMetadata().getAnnotations()).containsEntry("primacy.dev/system-id", systemId);
        }
    }

    @Test
    void podsKeepToTheRestrictedStandardAndRunOnDifferentNodes() {
        List<Pod> pods = List.of(cluster.pod("orders-1"), cluster.pod("orders-2"), cluster.pod("orders-3"));
        assertThat(pods).allSatisfy(pod -> {
            assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
            assertThat(pod.getSpec().getContainers()).hasSize(1);
            Container container = pod.getSpec().getContainers().getFirst();
            assertThat(container.getImage()).contains("postgres:17");
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
        });
        if (cluster.space().client().nodes().list().getItems().size() > 3) {
            assertThat(pods).extracting(pod -> pod.getSpec().getNodeName()).doesNotHaveDuplicates();
        }
    }

    @Test
    void ownerOwnsItsDatabaseAndIsNoSuperuser() throws SQLException {
        Sql sql = cluster.sql();
        assertThat(sql.value(
                        "select rolsuper or rolreplication or rolbypassrls from pg_roles where rolname = current_user"))
                .isEqualTo("f");
        assertThat(sql.value("select rolcreatedb from pg_roles where rolname = current_user"))
                .isEqualTo("t");
        assertThat(sql.value("select pg_get_userbyid(datdba) from pg_database where datname = current_database()"))
                .isEqualTo("app");
        sql.run("create schema if not exists mine", "create database backstage_plugin_catalog");
        assertThat(sql.in("backstage_plugin_catalog").value("select 1")).isEqualTo("1");
    }

    @Test
    void generatedPasswordIsAlphanumeric() {
        assertThat(cluster.space().secretData("orders-app").get("password")).matches("[A-Za-z0-9]{20,}");
    }

    @Test
    void connectionsWithoutTlsAreRefused() {
        assertThatThrownBy(() -> cluster.sql().inTheClear().value("select 1")).hasMessageContaining("no encryption");
    }

    @Test
    void wrongPasswordsAreRefused() {
        assertThatThrownBy(() -> cluster.sql().as("app", "wrong").value("select 1"))
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void nobodyGetsInFromOutsideAsOneOfTheOperatorsRoles() {
        for (String role : List.of("postgres", "primacy", "primacy_replica")) {
            assertThatThrownBy(() -> cluster.sql().as(role, "anything").value("select 1"))
                    .as(role)
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void certificateOfAnotherClusterIsNotTrusted() {
        assertThatThrownBy(() -> cluster.sql()
                        .trusting(SelfSigned.authorityFile("stranger"))
                        .value("select 1"))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void operatorsCredentialsAppearInNoLogEventOrConfigMap(Site site) {
        String password =
                Objects.requireNonNull(cluster.space().secretData("orders-app").get("password"));
        assertThat(site.operator().log()).doesNotContain(password);
        assertThat(String.join("\n", cluster.events())).doesNotContain(password);
        cluster.space()
                .client()
                .configMaps()
                .inNamespace(cluster.space().name())
                .list()
                .getItems()
                .forEach(map -> assertThat(String.valueOf(map.getData())).doesNotContain(password));
        for (String member : List.of("orders-1", "orders-2", "orders-3")) {
            assertThat(cluster.podResource(member).getLog()).doesNotContain(password);
        }
    }
}
