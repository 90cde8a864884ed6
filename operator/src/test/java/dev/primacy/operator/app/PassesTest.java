package dev.primacy.operator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.kube.StubApi;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.monitor.Leadership;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rule 1: whoever finds another's epoch in the status asks whether it still leads, before it looks at anything. */
class PassesTest {
    private static final Names ORDERS = new Names("shop", "orders");

    private StubApi api;
    private final Lease lease = new Lease();

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    @DisplayName("whose epoch was overtaken, and who does not lead any more, does nothing")
    void overtaken() {
        api.holds(cluster(7));
        Passes passes = passes();
        passes.memory(ORDERS).raised(5);
        lease.held = false;

        assertThat(passes.run(ORDERS)).isEqualTo(Pass.AGAIN);
        assertThat(lease.asked).isEqualTo(1);
        assertThat(api.requests()).extracting(StubApi.Request::line).containsExactly("GET postgresclusters/orders");
    }

    @Test
    @DisplayName("who still leads goes on: the epoch may be its own, and the answer to its write was lost")
    void stillLeads() {
        api.holds(cluster(7));
        Passes passes = passes();
        passes.memory(ORDERS).raised(5);

        goesOn(passes);
        assertThat(lease.asked).isEqualTo(1);
    }

    @Test
    @DisplayName("under its own epoch, and before it has one, nobody is asked")
    void ownEpoch() {
        api.holds(cluster(5));
        lease.held = false;
        Passes fresh = passes();
        goesOn(fresh);
        Passes passes = passes();
        passes.memory(ORDERS).raised(5);

        goesOn(passes);
        assertThat(lease.asked).isZero();
    }

    /** To where it looks at the first of what these parts do not have. */
    private static void goesOn(Passes passes) {
        assertThatThrownBy(() -> passes.run(ORDERS))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("SecretKeeper");
    }

    private static PostgresCluster cluster(long epoch) {
        return Serialization.unmarshal("""
                apiVersion: primacy.dev/v1
                kind: PostgresCluster
                metadata: {name: orders, namespace: shop, uid: "1", resourceVersion: "7"}
                spec: {}
                status: {epoch: %d}
                """.formatted(epoch), PostgresCluster.class);
    }

    private static final class Lease implements Leadership {
        boolean held = true;
        int asked;

        @Override
        public @Nullable Duration confirmedAt() {
            return Duration.ZERO;
        }

        @Override
        public boolean isStillHeld() {
            asked++;
            return held;
        }
    }

    /** Of what a pass works with, as much as it meets before it observes. */
    @SuppressWarnings("NullAway")
    private Passes passes() {
        return new Passes(new Parts(
                api.client(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new Clock(),
                null,
                "",
                "operator-1",
                lease,
                Duration.ZERO));
    }
}
