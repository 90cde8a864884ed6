package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Sql;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

@EndToEnd
class PasswordTest {
    private static final Duration SECONDS = Duration.ofSeconds(10);

    @Test
    void aPasswordChangedInTheGeneratedSecretIsTheRolesWithinSeconds(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        Sql before = cluster.sql();
        String started = before.value("select pg_postmaster_start_time()");

        space.client()
                .secrets()
                .inNamespace(space.name())
                .withName("orders-app")
                .edit(secret -> new SecretBuilder(secret)
                        .addToData("password", base64("aPasswordOfMyOwn123"))
                        .build());
        Eventually.within(
                SECONDS,
                "the new password is let in",
                () -> assertThat(before.as("app", "aPasswordOfMyOwn123").value("select count(*) from seed"))
                        .isEqualTo("1"));
        assertThatThrownBy(() -> before.value("select 1")).hasMessageContaining("password authentication failed");
        Eventually.within(
                SECONDS,
                "what is derived from it follows",
                () -> assertThat(space.secretData("orders-app").get("uri")).contains(":aPasswordOfMyOwn123@"));
        assertThat(cluster.sql().value("select pg_postmaster_start_time()")).isEqualTo(started);
    }

    @Test
    void aGeneratedSecretThatIsDeletedComesBackAndItsPasswordIsLetIn(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        space.client()
                .secrets()
                .inNamespace(space.name())
                .withName("orders-app")
                .delete();
        Eventually.within(
                SECONDS,
                "it is there again, and right",
                () -> assertThat(cluster.sql().value("select count(*) from seed"))
                        .isEqualTo("1"));
    }

    @Test
    void thePasswordOfASecretOfTheUsersIsTakenAndFollowed(Space space) throws SQLException {
        space.secret("mine", "Opaque", Map.of("pw", "firstOfMine1"));
        Cluster cluster = space.apply("orders", Specs.ONE + "\npasswordSecretRef: {name: mine, key: pw}")
                .awaitReady()
                .seed();
        Sql sql = cluster.sql();
        assertThat(sql.password()).isEqualTo("firstOfMine1");

        // With characters that a URL, a JDBC URL and a password file each write in another way.
        String odd = "s3cond: of/mine@'\"\\%&";
        space.secret("mine", "Opaque", Map.of("pw", odd));
        Eventually.within(
                SECONDS,
                "the new one is let in",
                () -> assertThat(sql.as("app", odd).value("select count(*) from seed"))
                        .isEqualTo("1"));
        Eventually.within(
                SECONDS,
                "the operator's Secret shows it",
                () -> assertThat(space.secretData("orders-app").get("password")).isEqualTo(odd));
        assertThat(space.secretData("orders-app").get("uri")).doesNotContain(odd);
        assertThat(space.secretData("mine")).containsOnlyKeys("pw");
    }

    @Test
    void aSecretThatIsNotThereYetIsWaitedForByName(Space space) {
        Cluster cluster = space.apply("orders", Specs.ONE + "\npasswordSecretRef: {name: later, key: pw}")
                .await(
                        "the status says what is missing",
                        seen -> Cluster.says(seen, "later") && !Cluster.is(seen, "Stalled"));
        space.secret("later", "Opaque", Map.of("pw", "hereAtLast1"));
        cluster.awaitReady();
        assertThat(space.secretData("orders-app")).containsEntry("password", "hereAtLast1");
    }

    @Test
    void anOwnerAlteredByHandIsPutRight(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady().seed();
        cluster.superuser("orders-1", "alter role app nologin");
        Eventually.within(
                Duration.ofSeconds(60),
                "it may log in again",
                () -> assertThat(cluster.sql().value("select 1")).isEqualTo("1"));
    }

    @Test
    void anOwnerDroppedByHandComesBackWithItsPasswordAndItsDatabase(Space space) throws SQLException {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady();
        // In one transaction: the operator must not come in between.
        cluster.superuser("orders-1", "alter database app owner to postgres; drop role app");
        Eventually.within(
                Duration.ofSeconds(60),
                "it is let in, and owns its database",
                () -> assertThat(cluster.sql()
                                .value("select current_user || ' ' || pg_get_userbyid(datdba) from pg_database where"
                                        + " datname = current_database()"))
                        .isEqualTo("app app"));
        cluster.seed();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
