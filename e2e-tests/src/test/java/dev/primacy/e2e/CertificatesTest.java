package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.e2e.harness.Authority;
import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.ServedCertificate;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Sql;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** New certificates are loaded by a reload: PostgreSQL never restarts for them, and standbys go on streaming. */
@EndToEnd
class CertificatesTest {
    private static final Duration RELOADED = Duration.ofSeconds(30);
    private static final String STARTED = "select pg_postmaster_start_time()";

    @Test
    void aServerCertificateWhoseSecretIsDeletedIsIssuedAnewAndLoaded(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String started = cluster.sql().value(STARTED);
        String before = space.secretData("orders-tls").get("tls.crt");
        String served = fingerprint(cluster);

        space.client()
                .secrets()
                .inNamespace(space.name())
                .withName("orders-tls")
                .delete();
        Eventually.within(RELOADED, "another certificate is served", () -> {
            assertThat(space.secretData("orders-tls").get("tls.crt")).isNotEqualTo(before);
            assertThat(fingerprint(cluster)).isNotEqualTo(served);
        });
        assertThat(cluster.sql().value(STARTED)).isEqualTo(started);
        cluster.awaitReady();
    }

    @Test
    void aNewAuthorityIsRolledOutWithoutARestart(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.TWO).awaitReady().seed();
        String started = cluster.sql().value(STARTED);
        Sql before = cluster.sql();

        space.client().secrets().inNamespace(space.name()).withName("orders-ca").delete();
        Eventually.soon("clients that trust the new authority get in", () -> {
            Sql sql = cluster.sql();
            assertThat(space.secretData("orders-ca").get("tls.crt")).isNotNull();
            assertThatThrownBy(() -> before.value("select 1")).isInstanceOf(SQLException.class);
            assertThat(sql.value("select count(*) from seed")).isEqualTo("1");
        });
        cluster.awaitReady();
        assertThat(cluster.sql().value(STARTED)).isEqualTo(started);
        cluster.sql().run("insert into seed values (2)");
        Eventually.soon(
                "replication goes on",
                () -> assertThat(cluster.sqlOn("orders-2").value("select count(*) from seed"))
                        .isEqualTo("2"));
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
    void certificatesAreRenewedBeforeTheirAuthorityExpires(Space space) throws SQLException {
        // A certificate cannot outlive its issuer; so one from an authority of two minutes has to be renewed within the
        // test.
        Authority brief = Authority.create("brief", Duration.ofMinutes(2));
        space.secret("brief-ca", "kubernetes.io/tls", Map.of("tls.crt", brief.pem(), "tls.key", brief.key()));
        Cluster cluster = space.apply("orders", Specs.ONE + "\ntls: {caSecretRef: brief-ca}")
                .awaitReady();
        String started = cluster.sql().value(STARTED);
        String served = fingerprint(cluster);
        Eventually.within(
                Duration.ofSeconds(110),
                "a renewed certificate is served",
                () -> assertThat(fingerprint(cluster)).isNotEqualTo(served));
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
