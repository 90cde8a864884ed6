package dev.primacy.operator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeldLeaseTest {
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final ZonedDateTime NOON = ZonedDateTime.of(2026, 1, 1, 12, 0, 0, 0, ZoneOffset.UTC);

    private Duration now = Duration.ofSeconds(100);
    private TrainingServer server;
    private KubernetesClient client;
    private HeldLease lease;

    @BeforeEach
    void begin() throws IOException {
        server = new TrainingServer(new ObjectMapper());
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(server.config())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        lease = new HeldLease("primacy-system", "primacy", "one", PERIOD, () -> now);
        assertThat(lease.get(client)).isNull();
        lease.create(client, heldBy("one"));
    }

    @AfterEach
    void end() {
        client.close();
        server.close();
    }

    @Test
    void whoHoldsItAsksNobodyUntilItIsToBeRenewed() {
        writtenByAnother();
        now = now.plusMillis(1_900);
        assertThat(Objects.requireNonNull(lease.get(client)).getHolderIdentity())
                .isEqualTo("one");
        lease.update(client, heldBy("one"));
        assertThat(lease.confirmedAt()).isEqualTo(Duration.ofSeconds(100));
    }

    @Test
    void aWriteThatSucceedsConfirmsThatItIsHeldSinceTheWriteBegan() {
        for (int i = 1; i <= 3; i++) {
            now = now.plus(PERIOD);
            lease.get(client);
            lease.update(client, heldBy("one"));
            assertThat(lease.confirmedAt()).isEqualTo(now);
        }
    }

    @Test
    void whoWritesInBetweenIsNoticedAndNotOverwritten() {
        writtenByAnother();
        now = now.plus(PERIOD);
        lease.get(client);
        assertThatThrownBy(() -> lease.update(client, heldBy("one")))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("Conflict");
        assertThat(lease.confirmedAt()).as("no newer than before").isEqualTo(Duration.ofSeconds(100));

        assertThat(Objects.requireNonNull(lease.get(client)).getHolderIdentity())
                .isEqualTo("other");
        assertThat(lease.confirmedAt()).isNull();
    }

    @Test
    void whoAsksIsToldAtOnceAndConfirmed() {
        now = now.plusMillis(500);
        assertThat(lease.isStillMine(client)).isTrue();
        assertThat(lease.confirmedAt()).isEqualTo(now);

        writtenByAnother();
        assertThat(lease.isStillMine(client)).isFalse();
        assertThat(lease.confirmedAt()).isNull();
    }

    /** The elector's thread wakes up beside that of a pass. */
    @Test
    void whoAsksBetweenTheElectorsLookAndItsWriteLetsItTakeNothingThatIsAnothers() {
        now = now.plus(PERIOD);
        lease.get(client);
        writtenByAnother();
        assertThat(lease.isStillMine(client)).isFalse();

        assertThatThrownBy(() -> lease.update(client, heldBy("one"))).hasMessageContaining("Conflict");
        assertThat(lease.confirmedAt()).isNull();
    }

    @Test
    void givenBackItIsNobodysAndConfirmsNothing() {
        lease.get(client);
        lease.update(client, heldBy(""));
        assertThat(lease.confirmedAt()).isNull();
        assertThat(Objects.requireNonNull(lease.get(client)).getHolderIdentity())
                .isEmpty();
    }

    private void writtenByAnother() {
        HeldLease other = new HeldLease("primacy-system", "primacy", "other", PERIOD, () -> now);
        other.get(client);
        other.update(client, heldBy("other"));
    }

    private static LeaderElectionRecord heldBy(String identity) {
        return new LeaderElectionRecord(identity, Duration.ofSeconds(6), NOON, NOON, 0);
    }
}
