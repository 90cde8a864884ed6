package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mounted files and certificates. */
abstract class ReloadContract extends SqlContract {
    ReloadContract(Machine machine) {
        super(machine);
    }

    @Test
    void aConfigurationIsJudgedBeforeAnyMemberHasIt() {
        Server one = servers.primary(1);
        String good = "work_mem = '8MB'\n";
        assertThat(commands.checkConfiguration(one.mandate(1), good, List.of("^backstage_plugin_(a|b)")))
                .isEqualTo(Outcome.DONE);
        assertThat(commands.checkConfiguration(one.mandate(1), good + "shared_bufers = '1GB'\n", List.of()))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("shared_bufers"));
        assertThat(commands.checkConfiguration(one.mandate(1), good, List.of("ok", "^(unclosed")))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason())
                                .startsWith("pg_hba.conf: /^(unclosed in spec.access: invalid regular expression"));
    }

    @Test
    void newParametersAreLoaded() {
        Server one = servers.primary(1);
        one.configure("second", "work_mem = '7MB'");

        done(commands.reload(one.mandate(1), "second", ""));

        assertThat(primary(one).configuration().configLoaded()).isEqualTo("second");
        assertThat(one.sql("SHOW work_mem")).isEqualTo("7MB");
    }

    @Test
    void filesThatHaveNotArrivedAreWaitedFor() {
        Server one = servers.primary(1);
        Mandate brief = new Mandate(one.endpoint(), 1, Duration.ofSeconds(5));

        assertThat(failure(commands.reload(brief, "second", ""))).contains("not reached the pod");

        one.configure("second", "");
        done(commands.reload(brief, "second", ""));
    }

    @Test
    void aBrokenRuleIsReportedWithItsLineAndNotLoaded() {
        Server one = servers.primary(1);
        one.configure("second", "work_mem = '7MB'").allow("hostssl all all 10.0.0.0/99 scram-sha-256");

        assertThat(refusal(commands.reload(one.mandate(1), "second", "")))
                .contains("pg_hba.conf line 4", "invalid CIDR mask", "not loaded");

        assertThat(primary(one).configuration().configLoaded()).isEmpty();
        one.allow("hostssl all all 10.0.0.0/9 scram-sha-256");
        done(commands.reload(one.mandate(1), "second", ""));
        assertThat(primary(one).configuration().configLoaded()).isEqualTo("second");
    }

    @Test
    void aRenewedCertificateDoesNotWaitForABrokenRuleToBeMended() throws Exception {
        Server one = servers.primary(1);
        one.allow("hostssl all all 10.0.0.0/99 scram-sha-256");
        Authority.Issued renewed =
                Servers.AUTHORITY.server("orders", List.of("localhost"), Instant.now(), Duration.ofDays(2));
        String hash = CertificateHash.of(renewed.certificate(), Servers.AUTHORITY.certificate());
        servers.write("server", renewed);

        await().untilAsserted(() -> {
            assertThat(refusal(commands.reload(one.mandate(1), "first", hash))).contains("pg_hba.conf line 4");
            assertThat(primary(one).configuration().certificateLoaded()).isEqualTo(hash);
        });
        assertThat(one.sql("SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL"))
                .isEqualTo("1");
    }

    @Test
    void aValueThatPostgresRefusesIsReportedWithItsParameter() {
        Server one = servers.primary(1);
        one.configure("second", "work_mem = 'plenty'\nshared_buffers = 'abc'");

        assertThat(refusal(commands.reload(one.mandate(1), "second", "")))
                .contains("'plenty'", "work_mem", "'abc'", "shared_buffers");
        assertThat(primary(one).configuration().configLoaded()).isEmpty();
    }

    @Test
    void anUnknownParameterIsReported() {
        Server one = servers.primary(1);
        one.configure("second", "work_memory = '7MB'");

        assertThat(refusal(commands.reload(one.mandate(1), "second", "")))
                .contains("work_memory", "unrecognized configuration parameter");
    }

    @Test
    void aParameterThatWaitsForARestartIsNoError() {
        Server one = servers.primary(1);
        one.configure("second", "shared_buffers = '20MB'");

        done(commands.reload(one.mandate(1), "second", ""));
    }

    @Test
    void aRenewedCertificateIsServedWithoutARestart() throws Exception {
        Server one = servers.primary(1);
        Authority other = Authority.create("another", Instant.now(), Duration.ofDays(1));
        Authority.Issued renewed = other.server("orders", List.of("localhost"), Instant.now(), Duration.ofDays(1));
        Authority.Issued client = Servers.AUTHORITY.client("primacy", Instant.now(), Duration.ofDays(1));
        Connector trusting = new Connector("new", Tls.of(client.certificate(), client.key(), other.certificate()));
        assertThatThrownBy(() -> trusting.open(one.endpoint(), "postgres", SECOND))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(Failures.words((SQLException) e)).contains("TLS failed"));

        servers.write("server", renewed);
        done(commands.reload(
                one.mandate(1), "first", CertificateHash.of(renewed.certificate(), Servers.AUTHORITY.certificate())));

        try (SqlSession session = trusting.open(one.endpoint(), "postgres", SECOND)) {
            assertThat(session.truth("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
                    .isTrue();
        }
    }

    @Test
    void aStrangersClientCertificateIsRefused() {
        Server one = servers.primary(1);
        Authority stranger = Authority.create("stranger", Instant.now(), Duration.ofDays(1));
        Authority.Issued client = stranger.client("primacy", Instant.now(), Duration.ofDays(1));
        Connector connector =
                new Connector("x", Tls.of(client.certificate(), client.key(), Servers.AUTHORITY.certificate()));

        assertThatThrownBy(() -> connector.open(one.endpoint(), "postgres", SECOND))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void anotherRolesCertificateIsRefused() {
        Server one = servers.primary(1);
        Authority.Issued client = Servers.AUTHORITY.client("somebody", Instant.now(), Duration.ofDays(1));
        Connector connector =
                new Connector("x", Tls.of(client.certificate(), client.key(), Servers.AUTHORITY.certificate()));

        assertThatThrownBy(() -> connector.open(one.endpoint(), "postgres", SECOND))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("certificate authentication failed");
    }
}
