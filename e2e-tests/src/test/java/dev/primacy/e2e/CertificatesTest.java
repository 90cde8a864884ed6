package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Authority;
import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.ServedCertificate;
import dev.primacy.e2e.harness.Space;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** New certificates are loaded by a reload: PostgreSQL never restarts for them, and standbys go on streaming. */
@Full
@EndToEnd
class CertificatesTest {
    private static final Duration RELOADED = Duration.ofSeconds(30);
    private static final String STARTED = "select pg_postmaster_start_time()";

    /** Also of a paused cluster: what expires does not wait. */
    @Test
    void certificatesAreRenewedWhenTwoThirdsOfTheirLifeAreOver(Space space) throws SQLException {
        // The tests install the operator with lives of three minutes, hence within two there is a new one.
        List<Cluster> clusters = List.of(space.apply("orders", Specs.TWO), space.apply("paused", Specs.TWO));
        for (Cluster cluster : clusters) {
            cluster.awaitReady().seed();
        }
        clusters.getLast()
                .change("paused: true\npostgresql: {parameters: {work_mem: 9MB}}")
                .await(
                        "the status says Paused",
                        seen -> "Paused".equals(seen.getStatus().phase()));
        for (Cluster cluster : clusters) {
            areRenewed(cluster, space);
        }
        assertThat(clusters.getLast().sql().value("show work_mem"))
                .as("the change waits")
                .isEqualTo("4MB");
    }

    private static void areRenewed(Cluster cluster, Space space) throws SQLException {
        String replication = cluster.name() + "-replication";
        String started = cluster.sql().value(STARTED);
        String served = fingerprint(cluster);
        String replicas = space.secretData(replication).get("tls.crt");
        Eventually.within(Duration.ofSeconds(170), "another server certificate is served", () -> {
            assertThat(space.secretData(replication).get("tls.crt")).isNotEqualTo(replicas);
            assertThat(fingerprint(cluster)).matches("[0-9a-f]+").isNotEqualTo(served);
        });
        assertThat(cluster.sql().value(STARTED)).as("no restart").isEqualTo(started);
        cluster.awaitReady();
        streams(cluster);
    }

    @Test
    void aDeletedServerCertificateIsIssuedAnewUnderTheSameAuthorityAndLoaded(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady();
        String started = cluster.sql().value(STARTED);
        String served = fingerprint(cluster);
        String authority = space.secretData("orders-tls").get("ca.crt");
        space.client()
                .secrets()
                .inNamespace(space.name())
                .withName("orders-tls")
                .delete();
        Eventually.within(
                RELOADED,
                "another is served",
                () -> assertThat(fingerprint(cluster)).isNotEqualTo(served));
        assertThat(space.secretData("orders-tls").get("ca.crt")).isEqualTo(authority);
        assertThat(cluster.sql().value(STARTED)).isEqualTo(started);
    }

    @Test
    void anotherAuthorityIsTrustedFirstAndThenIssuesWithoutARestart(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String started = cluster.sql().value(STARTED);
        Authority next = Authority.create("next", Duration.ofDays(300));
        space.client()
                .secrets()
                .inNamespace(space.name())
                .withName("orders-ca")
                .edit(secret -> new SecretBuilder(secret)
                        .withData(null)
                        .withStringData(Map.of("tls.crt", next.pem(), "tls.key", next.key(), "ca.crt", next.pem()))
                        .build());
        Eventually.soon(
                "clients that trust the new authority alone get in",
                () -> assertThat(cluster.sql().trusting(next.file()).value("select count(*) from seed"))
                        .isEqualTo("1"));
        cluster.awaitReady();
        assertThat(cluster.sql().value(STARTED)).as("no restart").isEqualTo(started);
        streams(cluster);
    }

    @Test
    void theUsersOwnAuthorityIssuesTheCertificates(Space space) throws SQLException {
        Authority authority = Authority.create("company", Duration.ofDays(30));
        space.secret("company-ca", "kubernetes.io/tls", Map.of("tls.crt", authority.pem(), "tls.key", authority.key()));
        Cluster cluster = space.apply("orders", Specs.TWO + "\ntls: {caSecretRef: company-ca}")
                .awaitReady();
        assertThat(cluster.sql().trusting(authority.file()).value("select 1")).isEqualTo("1");
        String started = cluster.sql().value(STARTED);

        Authority next = Authority.create("company", Duration.ofDays(30));
        space.secret("company-ca", "kubernetes.io/tls", Map.of("tls.crt", next.pem(), "tls.key", next.key()));
        Eventually.soon(
                "certificates of the renewed authority are served",
                () -> assertThat(cluster.sql().trusting(next.file()).value("select 1"))
                        .isEqualTo("1"));
        cluster.awaitReady();
        assertThat(cluster.sql().value(STARTED)).isEqualTo(started);
    }

    @Test
    void theUsersOwnServerCertificateIsServedAndItsRenewalLoaded(Space space) throws SQLException {
        Authority authority = Authority.create("site", Duration.ofDays(30));
        List<String> names = List.of("orders-rw." + space.name() + ".svc", "*.orders-members." + space.name() + ".svc");
        give(space, authority, names);
        Cluster cluster = space.apply("orders", Specs.TWO + "\ntls: {serverSecretRef: site-tls}")
                .awaitReady()
                .seed();
        assertThat(cluster.sql().trusting(authority.file()).value("select 1")).isEqualTo("1");
        String started = cluster.sql().value(STARTED);
        String served = fingerprint(cluster);

        give(space, authority, names);
        Eventually.within(
                RELOADED,
                "the renewed one is served",
                () -> assertThat(fingerprint(cluster)).isNotEqualTo(served));
        assertThat(cluster.sql().value(STARTED)).isEqualTo(started);
        cluster.awaitReady();
    }

    private static void streams(Cluster cluster) throws SQLException {
        cluster.sql().run("insert into seed values (2) on conflict do nothing");
        Eventually.soon(
                "replication goes on",
                () -> assertThat(cluster.sqlOn(cluster.standbys().getFirst()).value("select count(*) from seed"))
                        .isEqualTo("2"));
    }

    private static void give(Space space, Authority authority, List<String> names) {
        Authority.Issued issued = authority.issue("orders", Duration.ofDays(10), names);
        space.secret(
                "site-tls",
                "kubernetes.io/tls",
                Map.of("tls.crt", issued.pem(), "tls.key", issued.key(), "ca.crt", authority.pem()));
    }

    /** Of the certificate that a client is shown. */
    private static String fingerprint(Cluster cluster) {
        try {
            return ServedCertificate.of(cluster.sql()).getSerialNumber().toString(16);
        } catch (IOException | GeneralSecurityException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
