package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.operator.model.Names;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorityTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Duration QUARTER = Duration.ofDays(90);

    private final Authority authority = Authority.create("orders", NOW, YEAR);

    @Test
    void aServersCertificateKnowsEveryNameThatClientsUse() {
        List<String> names = Certificates.serverNames(new Names("shop", "orders"), "cluster.local");

        Authority.Issued server = authority.server("orders", names, NOW, QUARTER);

        assertThat(names)
                .contains(
                        "orders-rw",
                        "orders-rw.shop",
                        "orders-rw.shop.svc",
                        "orders-rw.shop.svc.cluster.local",
                        "orders-ro.shop.svc",
                        "orders-r.shop.svc",
                        "*.orders-members.shop.svc");
        assertThat(Certificates.good(server.certificate(), authority.certificate(), names, NOW))
                .isTrue();
    }

    @Test
    void aCertificateIsDueWhenTwoThirdsOfItsLifeAreOver() {
        Authority.Issued client = authority.client("primacy", NOW, QUARTER);

        assertThat(Certificates.renewalDue(client.certificate()))
                .isBetween(NOW.plus(Duration.ofDays(59)), NOW.plus(Duration.ofDays(60)));
        assertThat(good(client, NOW.plus(Duration.ofDays(59)))).isTrue();
        assertThat(good(client, NOW.plus(Duration.ofDays(61)))).isFalse();
    }

    @Test
    void aCertificateForOtherNamesOrByAnotherAuthorityIsNotGood() {
        Authority other = Authority.create("orders", NOW, YEAR);
        Authority.Issued server = authority.server("orders", List.of("a", "b"), NOW, QUARTER);

        assertThat(Certificates.good(server.certificate(), authority.certificate(), List.of("a"), NOW))
                .isTrue();
        assertThat(Certificates.good(server.certificate(), authority.certificate(), List.of("a", "c"), NOW))
                .isFalse();
        assertThat(Certificates.good(server.certificate(), other.certificate(), List.of("a"), NOW))
                .isFalse();
        assertThat(Certificates.good("nonsense", authority.certificate(), List.of(), NOW))
                .isFalse();
    }

    @Test
    void nothingOutlivesTheAuthorityThatSignedIt() {
        Authority brief = Authority.create("orders", NOW, Duration.ofDays(10));

        assertThat(Certificates.end(brief.client("primacy", NOW, YEAR).certificate()))
                .isEqualTo(Certificates.end(brief.certificate()));
    }

    @Test
    void secretsDoNotShowInText() {
        assertThat(authority.toString()).doesNotContain("KEY");
        assertThat(authority.client("primacy", NOW, YEAR).toString()).doesNotContain("KEY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC"})
    void aGivenAuthorityServesInTheFormThatOpensslWrites(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
        KeyPair pair = generator.generateKeyPair();
        X500Principal name = new X500Principal("CN=ours");
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name, BigInteger.ONE, Date.from(NOW), Date.from(NOW.plus(YEAR)), name, pair.getPublic())
                        .build(new JcaContentSignerBuilder(
                                        algorithm.equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA")
                                .build(pair.getPrivate())));
        byte[] encoded = switch (pair.getPrivate()) {
            case ECPrivateKey ec ->
                new org.bouncycastle.asn1.sec.ECPrivateKey(256, ec.getS(), SECObjectIdentifiers.secp256r1).getEncoded();
            case PrivateKey rsa ->
                PrivateKeyInfo.getInstance(rsa.getEncoded())
                        .parsePrivateKey()
                        .toASN1Primitive()
                        .getEncoded();
        };
        StringWriter key = new StringWriter();
        try (PemWriter writer = new PemWriter(key)) {
            writer.writeObject(new PemObject(algorithm + " PRIVATE KEY", encoded));
        }
        Authority given = new Authority(Pem.write(certificate), key.toString());

        Authority.Issued client = given.client("primacy", NOW, QUARTER);

        assertThat(Certificates.good(client.certificate(), given.certificate(), List.of(), NOW))
                .isTrue();
        assertThat(Tls.of(client.certificate(), client.key(), given.certificate()))
                .isNotNull();
    }

    @Test
    void whatIsNoKeyIsRefusedWithoutShowingIt() {
        String broken = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";

        assertThatThrownBy(() -> Pem.privateKey(broken))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("c2VjcmV0");
        assertThatThrownBy(() -> Pem.privateKey("")).hasMessageContaining("no unencrypted PEM private key");
        assertThatThrownBy(() -> Pem.certificates("")).hasMessageContaining("no PEM certificate");
    }

    private boolean good(Authority.Issued issued, Instant at) {
        return Certificates.good(issued.certificate(), authority.certificate(), List.of(), at);
    }
}
