package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.postgres.Authority;
import dev.primacy.operator.postgres.Certificates;
import dev.primacy.operator.render.Materials;
import dev.primacy.operator.render.Materials.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeyringTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final Lives LIVES = new Lives(Duration.ofDays(3650), Duration.ofDays(90));
    private static final Keyring.Stored NOTHING = new Keyring.Stored(null, null, null, null, null, null, null);
    private static final Keyring.Given NOTHING_GIVEN = new Keyring.Given(null, null, null, null);

    private final Keyring.Worked first = work(NOW, NOTHING, NOTHING_GIVEN, NOW);

    @Test
    @DisplayName("a new cluster gets everything, by one authority")
    void begins() {
        Materials materials = first.materials();
        assertThat(List.of(materials.server(), materials.replication(), materials.operator()))
                .allSatisfy(leaf -> assertThat(signedBy(materials, leaf)).isTrue());
        assertThat(materials.password()).matches("[A-Za-z0-9]{32}");
        assertThat(first.renewAt()).isEqualTo(NOW.plus(Duration.ofDays(60)));
    }

    @Test
    @DisplayName("the server's certificate knows every name that clients use")
    void serverNames() {
        assertThat(Certificates.names(leaf(first.materials().server())))
                .contains(
                        "orders-rw",
                        "orders-rw.shop",
                        "orders-rw.shop.svc",
                        "orders-rw.shop.svc.cluster.local",
                        "orders-ro.shop.svc",
                        "orders-r.shop.svc",
                        "*.orders-members.shop.svc");
    }

    @Test
    @DisplayName("an authority in the place of the operator's own serves for two thirds of its own life, however short")
    void ownLife() {
        Authority company = Authority.create("company", NOW, Duration.ofDays(300));
        Keyring.Stored kept = stored(first.materials());
        Keyring.Stored replaced = new Keyring.Stored(
                new Certificate(company.certificate(), company.key()),
                kept.server(),
                kept.replication(),
                kept.operator(),
                kept.trusted(),
                kept.serverAuthority(),
                kept.password());
        assertThat(authorities(work(NOW.plus(Duration.ofDays(199)), replaced, NOTHING_GIVEN, NOW))
                        .getFirst())
                .isEqualTo(Certificates.parsed(company.certificate()).getFirst());
        assertThat(authorities(work(NOW.plus(Duration.ofDays(201)), replaced, NOTHING_GIVEN, NOW))
                        .getFirst())
                .isNotEqualTo(Certificates.parsed(company.certificate()).getFirst());
    }

    private static List<X509Certificate> authorities(Keyring.Worked worked) {
        return Certificates.parsed(worked.materials().ca().certificate());
    }

    @Test
    @DisplayName("a certificate of another authority is not kept")
    void otherAuthority() {
        Authority.Issued foreign =
                Authority.create("company", NOW, Duration.ofDays(1000)).client("primacy", NOW, LIVES.certificate());
        Keyring.Stored kept = stored(first.materials());
        Keyring.Stored mixed = new Keyring.Stored(
                kept.ca(),
                kept.server(),
                kept.replication(),
                new Certificate(foreign.certificate(), foreign.key()),
                kept.trusted(),
                kept.serverAuthority(),
                kept.password());
        Materials materials =
                work(NOW.plusSeconds(61), mixed, NOTHING_GIVEN, NOW).materials();
        assertThat(materials.replication()).isEqualTo(kept.replication());
        assertThat(signedBy(materials, materials.operator())).isTrue();
    }

    @Test
    @DisplayName("what is kept and good stays as it is")
    void stays() {
        Keyring.Worked again = work(NOW.plus(Duration.ofDays(59)), stored(first.materials()), NOTHING_GIVEN, NOW);
        assertThat(again.materials()).isEqualTo(first.materials());
    }

    @Test
    @DisplayName("a certificate is made anew when two thirds of its life are over, by the same authority")
    void renews() {
        Materials renewed = work(NOW.plus(Duration.ofDays(61)), stored(first.materials()), NOTHING_GIVEN, NOW)
                .materials();
        assertThat(renewed.ca()).isEqualTo(first.materials().ca());
        assertThat(renewed.server()).isNotEqualTo(first.materials().server());
        assertThat(signedBy(renewed, renewed.server())).isTrue();
        assertThat(renewed.password()).isEqualTo(first.materials().password());
    }

    @Test
    @DisplayName("a new authority is trusted beside the old one before anything comes from it")
    void trustsFirst() {
        Keyring.Stored withoutCa = new Keyring.Stored(
                null,
                first.materials().server(),
                first.materials().replication(),
                first.materials().operator(),
                first.materials().ca().certificate(),
                first.materials().serverAuthority(),
                first.materials().password());
        Materials between = work(NOW, withoutCa, NOTHING_GIVEN, NOW).materials();
        assertThat(Certificates.parsed(between.ca().certificate())).hasSize(2);
        assertThat(between.server()).isEqualTo(first.materials().server());
        assertThat(between.operator()).isEqualTo(first.materials().operator());

        Materials after =
                work(NOW.plusSeconds(61), stored(between), NOTHING_GIVEN, NOW).materials();
        assertThat(after.server()).isNotEqualTo(first.materials().server());
        assertThat(signedBy(after, after.operator())).isTrue();
        assertThat(Certificates.parsed(after.ca().certificate()))
                .as("members still show certificates of the old one")
                .hasSize(2);

        Materials afterwards =
                work(NOW.plusSeconds(181), stored(after), NOTHING_GIVEN, NOW).materials();
        assertThat(Certificates.parsed(afterwards.ca().certificate())).hasSize(1);
        assertThat(afterwards.server()).isEqualTo(after.server());
    }

    @Test
    @DisplayName("the user's authority certifies, and its key is not copied")
    void givenAuthority() {
        Authority own = Authority.create("company", NOW, Duration.ofDays(1000));
        Keyring.Given given = new Keyring.Given(new Certificate(own.certificate(), own.key()), null, null, null);
        Materials materials = work(NOW, NOTHING, given, NOW).materials();
        assertThat(materials.ca().key()).isNull();
        assertThat(Certificates.signed(Certificates.parsed(own.certificate()).getFirst(), leaf(materials.server())))
                .isTrue();
    }

    @Test
    @DisplayName("the authority of the user's server certificate is trusted by clients, and lets nobody in")
    void givenServer() {
        Authority own = Authority.create("company", NOW, Duration.ofDays(1000));
        Authority.Issued server = own.server("db", List.of("db"), NOW, Duration.ofDays(30));
        Keyring.Given given =
                new Keyring.Given(null, new Certificate(server.certificate(), server.key()), own.certificate(), null);
        Materials materials = work(NOW, NOTHING, given, NOW).materials();
        X509Certificate company = Certificates.parsed(own.certificate()).getFirst();
        assertThat(Certificates.parsed(materials.serverAuthority())).contains(company);
        assertThat(Certificates.parsed(materials.ca().certificate())).doesNotContain(company);
    }

    @Test
    @DisplayName("the user's password wins over the one that is kept")
    void givenPassword() {
        Keyring.Given given = new Keyring.Given(null, null, null, "theirs");
        assertThat(work(NOW, stored(first.materials()), given, NOW).materials().password())
                .isEqualTo("theirs");
    }

    @Test
    @DisplayName("what is unreadable or has expired is made anew")
    void mends() {
        Keyring.Stored damaged =
                new Keyring.Stored(new Certificate("nonsense", "nonsense"), null, null, null, "nonsense", null, "kept");
        Materials materials = work(NOW, damaged, NOTHING_GIVEN, NOW).materials();
        assertThat(signedBy(materials, materials.server())).isTrue();
        assertThat(materials.password()).isEqualTo("kept");
    }

    @Test
    @DisplayName("what a cluster works with is in its own Secrets, also where the user's authority is missing")
    void inUse() {
        Authority company = Authority.create("company", NOW, Duration.ofDays(300));
        Authority.Issued theirs = company.server("orders", List.of("orders-rw"), NOW, Duration.ofDays(300));
        Materials given = work(
                        NOW,
                        NOTHING,
                        new Keyring.Given(
                                new Certificate(company.certificate(), company.key()),
                                new Certificate(theirs.certificate(), theirs.key()),
                                company.certificate(),
                                "theirs"),
                        NOW)
                .materials();
        assertThat(given.ca().key()).as("of an authority that the user keeps").isNull();
        assertThat(stored(given).inUse()).contains(given);
        assertThat(stored(first.materials()).inUse()).contains(first.materials());
        assertThat(NOTHING.inUse()).isEmpty();
    }

    private static Keyring.Worked work(
            Instant now, Keyring.Stored stored, Keyring.Given given, @Nullable Instant trustedSince) {
        return new Keyring(new Names("shop", "orders"), LIVES, now)
                .work(stored, given, authority -> trustedSince == null ? now : trustedSince);
    }

    private static Keyring.Stored stored(Materials materials) {
        String key = materials.ca().key();
        return new Keyring.Stored(
                key == null ? null : new Certificate(materials.ca().certificate(), key),
                materials.server(),
                materials.replication(),
                materials.operator(),
                materials.ca().certificate(),
                materials.serverAuthority(),
                materials.password());
    }

    private static boolean signedBy(Materials materials, Certificate pair) {
        return Certificates.signed(
                Certificates.parsed(materials.ca().certificate()).getFirst(), leaf(pair));
    }

    private static X509Certificate leaf(Certificate pair) {
        return Certificates.parsed(pair.certificate()).getFirst();
    }
}
