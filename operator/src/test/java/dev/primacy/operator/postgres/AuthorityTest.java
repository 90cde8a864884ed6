package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    void aServersCertificateIsSignedForEveryNameItIsGiven() {
        List<String> names = List.of("orders-rw", "*.orders-members.shop.svc");

        Authority.Issued server = authority.server("orders", names, NOW, QUARTER);

        assertThat(Certificates.names(first(server.certificate()))).containsExactlyInAnyOrderElementsOf(names);
        assertThat(signed(authority, server)).isTrue();
        assertThat(signed(Authority.create("orders", NOW, YEAR), server))
                .as("another authority of the same name")
                .isFalse();
    }

    @Test
    void aCertificateIsDueWhenTwoThirdsOfItsLifeAreOver() {
        Authority.Issued client = authority.client("primacy", NOW, QUARTER);

        assertThat(Certificates.renewal(first(client.certificate()), QUARTER)).isEqualTo(NOW.plus(Duration.ofDays(60)));
    }

    @Test
    void aCertificateIsNamedAtFaultThatIsUnreadableOverOrHasAnothersKey() {
        Authority.Issued client = authority.client("primacy", NOW, QUARTER);
        Authority.Issued other = authority.client("primacy", NOW, QUARTER);

        assertThat(Certificates.fault(client.certificate(), client.key(), NOW)).isEmpty();
        assertThat(Certificates.fault("nonsense", client.key(), NOW)).hasValue("no PEM certificate in the text");
        assertThat(Certificates.fault(damaged(client.certificate()), client.key(), NOW))
                .hasValueSatisfying(words -> assertThat(words).contains("not a PEM certificate"));
        assertThat(Certificates.fault(client.certificate(), damaged(client.key()), NOW))
                .hasValueSatisfying(words -> assertThat(words).contains("not a PEM private key"));
        assertThat(Certificates.fault(client.certificate(), client.key(), NOW.plus(YEAR)))
                .hasValueSatisfying(words -> assertThat(words).contains("expired"));
        assertThat(Certificates.fault(client.certificate(), other.key(), NOW))
                .hasValueSatisfying(words -> assertThat(words).contains("private key does not belong"));
    }

    @Test
    void nothingOutlivesTheAuthorityThatSignedIt() {
        Authority brief = Authority.create("orders", NOW, Duration.ofDays(10));

        assertThat(Certificates.end(first(brief.client("primacy", NOW, YEAR).certificate())))
                .isEqualTo(Certificates.end(first(brief.certificate())));
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

        assertThat(signed(given, client)).isTrue();
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

    private static boolean signed(Authority authority, Authority.Issued issued) {
        return Certificates.signed(first(authority.certificate()), first(issued.certificate()));
    }

    private static X509Certificate first(String certificate) {
        return Pem.certificates(certificate).getFirst();
    }

    /** With something that is not base64 between the markers. */
    private static String damaged(String pem) {
        List<String> lines = pem.lines().toList();
        return lines.getFirst() + "\n...\n" + lines.getLast() + "\n";
    }
}
