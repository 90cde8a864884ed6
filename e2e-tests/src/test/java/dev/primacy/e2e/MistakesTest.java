package dev.primacy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.e2e.harness.Cluster;
import dev.primacy.e2e.harness.EndToEnd;
import dev.primacy.e2e.harness.Eventually;
import dev.primacy.e2e.harness.Full;
import dev.primacy.e2e.harness.Space;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a person mistypes, and mends in the manifest alone. */
@EndToEnd
class MistakesTest {
    /** The kubelet's back-off of an image that cannot be pulled is not waited for: there is another pod. */
    private static final Duration MENDED = Duration.ofSeconds(60);

    @Test
    void anImageThatIsNotThereIsNamedAndTheMendedManifestIsEnough(Space space) {
        Cluster cluster = space.apply("orders", Specs.ONE + "\nimage: no-such-registry.invalid/postgres:17.1");
        cluster.await("the status says what to look at", seen -> Cluster.says(seen, "Check spec.image"));

        cluster.change("image: null");

        cluster.await("it is Ready", MENDED, Cluster::isReady);
    }

    @Test
    void aNodeThatIsNotThereIsNamedAndTheMendedManifestIsEnough(Space space) {
        Cluster cluster = space.apply("orders", Specs.TWO + "\npod: {nodeSelector: {no-such-label: \"true\"}}");
        cluster.await("the status says what the scheduler says", seen -> Cluster.says(seen, "the scheduler says"));

        cluster.change("pod: {nodeSelector: null}");

        cluster.await("it is Ready", MENDED, Cluster::isReady);
        assertThat(Objects.requireNonNull(cluster.get().getStatus()).readyInstances())
                .isEqualTo(2);
    }

    @Test
    @Full
    void aClassThatIsNotThereIsNamedWithItsClaimInTheStatusAndInAnEvent(Space space) {
        Cluster cluster = space.apply("orders", """
                instances: 1
                storage: {data: {persistentVolumeClaim: {size: 1Gi, storageClassName: no-such-class}}}
                deletionPolicy: Delete
                """);
        cluster.await(
                "the status says which claim, of which class",
                seen -> Cluster.says(
                        seen, "Pending (StorageClass no-such-class): `kubectl describe pvc data-orders-1`"));
        Eventually.within(
                Duration.ofSeconds(90),
                "an event says so, too",
                () -> assertThat(cluster.events())
                        .anyMatch(event -> event.startsWith("StartDelayed: ") && event.contains("no-such-class")));
        assertThat(space.site().kubectl("describe", "pvc", "data-orders-1", "-n", space.name()))
                .as("and why stands where it points to")
                .contains("no-such-class");
    }

    @Test
    void aQuotaWithoutRoomIsPointedToAndRoomIsEnough(Space space) {
        space.applyManifest("""
                apiVersion: v1
                kind: ResourceQuota
                metadata: {name: small}
                spec: {hard: {pods: "0"}}
                """);
        Cluster cluster = space.apply("orders", Specs.ONE);
        cluster.await(
                "the status says where the reason stands",
                seen -> Cluster.says(seen, "kubectl describe statefulset orders-1"));
        Eventually.soon(
                "it stands there",
                () -> assertThat(space.site().kubectl("describe", "statefulset", "orders-1", "-n", space.name()))
                        .contains("exceeded quota: small"));

        space.site().kubectl("delete", "quota", "small", "-n", space.name());

        cluster.await("it is Ready", MENDED, Cluster::isReady);
    }

    @Test
    void aRestartThatIsAskedForWithoutAValueIsRefusedInWordsAndHoldsUpNothing(Space space) {
        Cluster cluster = space.apply("orders", Specs.ONE).awaitReady();
        cluster.annotate("primacy.dev/restart", "");
        cluster.await(
                "the request is taken off",
                seen -> seen.getMetadata().getAnnotations() == null
                        || !seen.getMetadata().getAnnotations().containsKey("primacy.dev/restart"));
        Eventually.soon(
                "an event says why",
                () -> assertThat(cluster.events()).anyMatch(event -> event.startsWith("RestartRefused: ")));
        cluster.awaitReady();
    }
}
