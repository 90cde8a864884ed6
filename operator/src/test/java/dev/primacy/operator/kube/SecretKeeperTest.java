package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.postgres.Authority;
import dev.primacy.operator.postgres.Certificates;
import dev.primacy.operator.postgres.Pem;
import dev.primacy.operator.render.Materials;
import dev.primacy.operator.render.Materials.Certificate;
import dev.primacy.operator.render.Secrets;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SecretKeeperTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Lives LIVES = new Lives(Duration.ofDays(3650), Duration.ofDays(90));
    private static final Names ORDERS = new Names("shop", "orders");
    private static final String OWN = "instances: 1";
    private static final String SITE = "{instances: 1, tls: {serverSecretRef: site}}";
    private static final String COMPANY = "{instances: 1, tls: {caSecretRef: company}}";

    private final Authority company = Authority.create("company", NOW, YEAR);

    private StubApi api;
    private ClusterCache cache;
    private UserSecrets userSecrets;
    private SecretKeeper keeper;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
        cache = new ClusterCache(api.client(), Set.of("shop"), cluster -> {}, (cluster, member) -> {});
        userSecrets = new UserSecrets(api.client(), cluster -> {});
        keeper = new SecretKeeper(api.client(), cache, userSecrets, LIVES);
    }

    @AfterEach
    void stop() {
        userSecrets.close();
        cache.close();
        api.close();
    }

    @Test
    @DisplayName(
            "a cluster that has not begun waits for the authority that the user is to give, and takes it when it is there")
    void waits() {
        SecretKeeper.Kept kept = keep(ORDERS, COMPANY, NOW);
        assertThat(kept.materials()).isNull();
        assertThat(kept.problems()).singleElement().asString().contains("company (spec.tls.caSecretRef) is missing");

        keeper.forget(ORDERS, uid(ORDERS)); // nobody watches the Secret any more, so that it is read again
        gives("company", new Certificate(company.certificate(), company.key()), "");
        assertThat(authorities(begin(ORDERS, COMPANY, NOW))).containsExactly(first(company.certificate()));
    }

    @Test
    @DisplayName(
            "an authority that was taken out and is set again is trusted first, and the one before it for a while after")
    void setAgain() {
        gives("company", new Certificate(company.certificate(), company.key()), "");
        X509Certificate theirs = first(company.certificate());
        settle(COMPANY, NOW);
        Materials own = settle(OWN, NOW.plus(Duration.ofDays(1)));
        assertThat(authorities(own)).hasSize(1).doesNotContain(theirs);

        assertSoftChange(own, NOW.plus(Duration.ofDays(2)));
    }

    @Test
    @DisplayName("an authority that is set again soon drives the one before it out no sooner")
    void setAgainSoon() {
        gives("company", new Certificate(company.certificate(), company.key()), "");
        settle(COMPANY, NOW);
        Instant out = NOW.plus(Duration.ofDays(1));
        begin(ORDERS, OWN, out);
        begin(ORDERS, OWN, out.plusSeconds(1));
        Materials own = begin(ORDERS, OWN, out.plusSeconds(62));
        assertThat(authorities(own)).contains(first(company.certificate())).hasSize(2);

        assertSoftChange(own, out.plusSeconds(70));
    }

    @Test
    @DisplayName("an authority that another cluster has long had is as new to this one as any other")
    void shared() {
        gives("company", new Certificate(company.certificate(), company.key()), "");
        Names billing = new Names("shop", "billing");
        begin(billing, COMPANY, NOW);
        begin(billing, COMPANY, NOW.plusSeconds(1));

        assertSoftChange(settle(OWN, NOW), NOW.plus(Duration.ofDays(1)));
    }

    /** As a pass does when something is due, until nothing of another authority is left. */
    private Materials settle(String spec, Instant from) {
        for (int seconds : List.of(0, 1, 62, 123, 182)) {
            begin(ORDERS, spec, from.plusSeconds(seconds));
        }
        return begin(ORDERS, spec, from.plusSeconds(400));
    }

    /** The user's authority takes the place of the one before, whose certificates some members still show for a while. */
    private void assertSoftChange(Materials before, Instant from) {
        begin(ORDERS, COMPANY, from);
        Materials trusted = begin(ORDERS, COMPANY, from.plusSeconds(1));
        assertThat(trusted.operator()).as("trusted first").isEqualTo(before.operator());
        Materials issued = begin(ORDERS, COMPANY, from.plusSeconds(62));
        assertThat(issued.operator()).isNotEqualTo(before.operator());
        assertThat(authorities(issued))
                .startsWith(first(company.certificate()))
                .contains(authorities(before).getFirst());
        assertThat(authorities(begin(ORDERS, COMPANY, from.plusSeconds(182))))
                .containsExactly(first(company.certificate()));
    }

    @Test
    @DisplayName("a server certificate that the user let expire stays, and the others are renewed all the same")
    void expiredServer() {
        Authority.Issued server = company.server("db", List.of("db.shop"), NOW, Duration.ofDays(30));
        gives("site", new Certificate(server.certificate(), server.key()), company.certificate());
        begin(ORDERS, SITE, NOW);
        Materials before = begin(ORDERS, SITE, NOW.plusSeconds(1));

        Instant later = NOW.plus(Duration.ofDays(61));
        SecretKeeper.Kept kept = keep(ORDERS, SITE, later);
        assertThat(kept.problems()).singleElement().asString().contains("site (spec.tls.serverSecretRef)", "expired");
        assertThat(kept.renewAt()).isEqualTo(later.plus(Duration.ofDays(60)));
        Materials after = begin(ORDERS, SITE, later);
        assertThat(after.operator()).isNotEqualTo(before.operator());
        assertThat(after.replication()).isNotEqualTo(before.replication());
        assertThat(after.server()).isEqualTo(before.server());
        assertThat(after.serverAuthority()).isEqualTo(before.serverAuthority());
    }

    @Test
    @DisplayName(
            "while the server certificate that the user is to give is missing, the one that was issued here is renewed")
    void missingServer() {
        Materials before = begin(ORDERS, OWN, NOW);
        SecretKeeper.Kept kept = keep(ORDERS, SITE, NOW.plus(Duration.ofDays(1)));
        assertThat(kept.problems()).singleElement().asString().contains("site (spec.tls.serverSecretRef) is missing");
        assertThat(kept.materials()).isEqualTo(before);

        Materials after = begin(ORDERS, SITE, NOW.plus(Duration.ofDays(61)));
        assertThat(after.operator()).isNotEqualTo(before.operator());
        assertThat(after.server()).isNotEqualTo(before.server());
        assertThat(Certificates.signed(
                        authorities(after).getFirst(), first(after.server().certificate())))
                .isTrue();
    }

    @Test
    @DisplayName("a cluster that has not begun waits for the server certificate that the user is to give")
    void waitsForServer() {
        SecretKeeper.Kept kept = keep(ORDERS, SITE, NOW);
        assertThat(kept.materials()).isNull();
        assertThat(kept.problems()).singleElement().asString().contains("site (spec.tls.serverSecretRef) is missing");
    }

    @Test
    @DisplayName("an intermediate authority is not taken, since PostgreSQL would let in nobody whom it certifies")
    void intermediate() throws Exception {
        gives("company", intermediate("orders", company), company.certificate());
        SecretKeeper.Kept kept = keep(ORDERS, COMPANY, NOW);
        assertThat(kept.materials()).isNull();
        assertThat(kept.problems())
                .singleElement()
                .asString()
                .contains("company (spec.tls.caSecretRef)", "is issued by CN=company", "root (self-signed) authority");
    }

    @Test
    @DisplayName("who bears its issuer's name without its signature is no root")
    void namesake() throws Exception {
        gives("company", intermediate("company", company), company.certificate());
        assertThat(keep(ORDERS, COMPANY, NOW).materials()).isNull();
    }

    private static Certificate intermediate(String commonName, Authority root) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                first(root.certificate()).getSubjectX500Principal(),
                                BigInteger.TWO,
                                Date.from(NOW),
                                Date.from(NOW.plus(YEAR)),
                                new X500Principal("CN=" + commonName),
                                pair.getPublic())
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(Pem.privateKey(root.key()))));
        return new Certificate(Pem.write(certificate), Pem.write(pair.getPrivate()));
    }

    @Test
    @DisplayName("beside an authority that the user gives, the API server is not asked for one of the cluster's own")
    void notAskedFor() {
        gives("company", new Certificate(company.certificate(), company.key()), "");
        keep(ORDERS, COMPANY, NOW);
        assertThat(api.requests())
                .extracting(StubApi.Request::line)
                .contains("GET secrets/orders-tls")
                .doesNotContain("GET secrets/orders-ca");
        keep(ORDERS, OWN, NOW);
        assertThat(api.requests()).extracting(StubApi.Request::line).contains("GET secrets/orders-ca");
    }

    private SecretKeeper.Kept keep(Names names, String spec, Instant now) {
        return keeper.keep(
                names,
                uid(names),
                Objects.requireNonNull(Serialization.unmarshal("---\n" + spec, PostgresClusterSpec.class)),
                now);
    }

    private static String uid(Names names) {
        return "uid-of-" + names.cluster();
    }

    /** Works out what is wanted, and writes it to the cluster's own Secrets. */
    private Materials begin(Names names, String spec, Instant now) {
        Materials materials = Objects.requireNonNull(keep(names, spec, now).materials());
        Materials.Authority ca = materials.ca();
        if (ca.key() == null) {
            api.client()
                    .secrets()
                    .inNamespace("shop")
                    .withName(names.caSecret())
                    .delete();
        } else {
            gives(names.caSecret(), new Certificate(ca.certificate(), ca.key()), ca.certificate());
        }
        gives(names.serverSecret(), materials.server(), ca.certificate());
        gives(names.replicationSecret(), materials.replication(), materials.serverAuthority());
        gives(names.operatorSecret(), materials.operator(), materials.serverAuthority());
        holds(names.appSecret(), Map.of("password", materials.password()));
        return materials;
    }

    private void gives(String name, Certificate pair, String authority) {
        holds(
                name,
                Map.of(
                        Secrets.CERTIFICATE, pair.certificate(),
                        Secrets.KEY, pair.key(),
                        Secrets.AUTHORITY, authority));
    }

    private void holds(String name, Map<String, String> values) {
        Map<String, String> data = new HashMap<>();
        values.forEach((key, value) ->
                data.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .endMetadata()
                .withData(data)
                .build();
        api.holds(secret);
    }

    private static List<X509Certificate> authorities(Materials materials) {
        return Certificates.parsed(materials.ca().certificate());
    }

    private static X509Certificate first(String certificate) {
        return Certificates.parsed(certificate).getFirst();
    }
}
