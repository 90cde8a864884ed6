package dev.primacy.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.model.Growth;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.RecordedFacts;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What people and tools read. */
@SuppressWarnings("NullAway") // a null where a value should be fails the test as well
class StatusTest {

    @Test
    void theFactsSurviveTheStatus() {
        Scene scene = Scene.synchronous(3, 1).failingOver();
        scene.choosing("orders-2", 4);
        PostgresClusterStatus written = scene.decide().status();
        assertThat(RecordedFacts.in(written)).isEqualTo(scene.facts);
    }

    @Test
    void aHealthyClusterIsReadyAndNothingElse() {
        PostgresClusterStatus status = Scene.healthy(3).decide().status();
        assertThat(status.phase()).isEqualTo("Running");
        assertThat(status.reason()).isEqualTo("orders-1 is the primary; 2 standbys stream");
        assertThat(status.conditions())
                .extracting(Condition::getType)
                .containsExactly("Ready", "PrimaryAvailable", "ReplicationHealthy");
        assertThat(status.conditions()).extracting(Condition::getStatus).containsOnly("True");
        assertThat(status.observedGeneration()).isEqualTo(3);
        assertThat(status.readyInstances()).isEqualTo(3);
        assertThat(status.timeToReadySeconds()).isEqualTo(1000.0);
    }

    @Test
    void aFailoverSaysWhatItWaitsFor() {
        Scene scene = Scene.healthy(3).failingOver();
        scene.member("orders-1").silentSince(scene.monotonic.minusSeconds(5));
        scene.member("orders-2").voted(scene.monotonic);
        scene.member("orders-3").voted(scene.monotonic);
        PostgresClusterStatus status = scene.decide().status();
        assertThat(status.phase()).isEqualTo("Failing over");
        assertThat(status.reason()).isEqualTo("Waiting for orders-1 to be fenced by its own script in 8 s");
        assertThat(status.conditions()).anySatisfy(condition -> {
            assertThat(condition.getType()).isEqualTo("Reconciling");
            assertThat(condition.getReason()).isEqualTo("FailingOver");
        });
        assertThat(status.conditions()).anySatisfy(condition -> {
            assertThat(condition.getType()).isEqualTo("PrimaryAvailable");
            assertThat(condition.getStatus()).isEqualTo("False");
        });
    }

    @Test
    void aPrimaryThatCannotWriteIsNotAvailableAndSaysWhatToDo() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").writeFailure = "No space left on device";
        PostgresClusterStatus status = scene.decide().status();
        assertThat(status.phase()).isNotEqualTo("Running");
        assertThat(status.reason()).contains("orders-1 cannot write: No space left on device", "storage.data");
        assertThat(status.conditions()).anySatisfy(condition -> {
            assertThat(condition.getType()).isEqualTo("PrimaryAvailable");
            assertThat(condition.getStatus()).isEqualTo("False");
        });
    }

    @Test
    void anImageThatCannotBePulledIsSaidWithWhatToDo() {
        Scene scene = Scene.fresh(1);
        scene.facts = scene.decide().facts();
        scene.ownEpoch = 1;
        scene.member("orders-1").container = new PodView.Container.Waiting("ImagePullBackOff", "pull access denied", 0);
        assertThat(scene.decide().status().reason())
                .contains("ImagePullBackOff: pull access denied")
                .contains("spec.pod.imagePullSecrets");
        assertThat(scene.decide().status().phase()).isEqualTo("Creating");
    }

    @Test
    void whyAStandbyDoesNotComeIsSaidInTheWordsOfWhoKnows() {
        Scene scene = Scene.healthy(3);
        MemberScene third = scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(10));
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        third.unschedulable = "0/3 nodes are available: 3 Insufficient cpu.";
        third.container = new PodView.Container.Unknown();
        assertThat(scene.decide().status().reason())
                .startsWith("Waiting for orders-3: a node for its pod; the scheduler says: 0/3 nodes are available: "
                        + "3 Insufficient cpu");

        third.unschedulable = null;
        third.container = new PodView.Container.Waiting("ErrImagePull", "pull access denied", 0);
        assertThat(scene.decide().status().reason())
                .isEqualTo("Waiting for orders-3: its image; the kubelet says ErrImagePull: pull access denied."
                        + " Check spec.image, spec.pod.imagePullSecrets and the registry");

        third.container = new PodView.Container.Waiting(
                "CrashLoopBackOff", "the volume holds system identifier 1. Give this member its own volume.\n", 3);
        assertThat(scene.decide().status().reason())
                .isEqualTo("Waiting for orders-3: its container, which keeps failing: the volume holds system "
                        + "identifier 1. Give this member its own volume");

        third.container = new PodView.Container.Waiting("CreateContainerConfigError", "secret \"x\" not found", 0);
        assertThat(scene.decide().status().reason())
                .isEqualTo("Waiting for orders-3: its container (CreateContainerConfigError): secret \"x\" not found");

        third.container = new PodView.Container.Running(Scene.CREATED);
        assertThat(scene.decide().status().reason())
                .isEqualTo("Waiting for orders-3: PostgreSQL to answer (no answer within 1 s)");
    }

    @Test
    void ofSeveralThatAreWaitedForTheFirstSilentOneIsSpokenOfInFull() {
        Scene scene = Scene.healthy(4);
        MemberScene primary = scene.member("orders-1");
        primary.followers.clear();
        scene.member("orders-2").streaming = false;
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(10)).container =
                new PodView.Container.Waiting("ErrImagePull", "pull access denied", 0);
        scene.member("orders-4").silentSince(scene.monotonic.minusSeconds(10)).container =
                new PodView.Container.Waiting("CrashLoopBackOff", "ask for a rebuild", 3);
        assertThat(scene.decide().status().reason())
                .startsWith("Waiting for orders-3: its image; the kubelet says ErrImagePull")
                .endsWith(". Also for orders-2 (connecting), orders-4 (CrashLoopBackOff)");
    }

    @Test
    void howFarACopyIsIsSaidInsteadOfThatNobodyAnswers() {
        Scene scene = Scene.healthy(2);
        scene.member("orders-1").followers.clear();
        scene.member("orders-1").copies.add(new Probe.Copy("orders-2", "clone", 1 << 20, 4 << 20));
        scene.member("orders-2").refusing(scene.monotonic.minusSeconds(10));
        assertThat(scene.decide().status().reason()).isEqualTo("Waiting for orders-2 (cloning (25 % of 4 MiB))");
    }

    @Test
    void problemsOfTheSpecAreSaid() {
        Scene scene = Scene.healthy(1);
        scene.problems.add("Secret shop/password does not exist");
        PostgresClusterStatus status = scene.decide().status();
        assertThat(status.reason()).isEqualTo("Secret shop/password does not exist");
        assertThat(status.conditions().getFirst().getStatus()).isEqualTo("False");
    }

    @Test
    void aVolumeThatGrowsIsProgressAndTheClusterStaysReady() {
        Scene scene = Scene.healthy(2);
        scene.member("orders-1").growth = new Growth("1Gi", "2Gi", Growth.Stage.STORAGE, "");
        scene.member("orders-2").growth = new Growth("1Gi", "2Gi", Growth.Stage.FILE_SYSTEM, "");
        PostgresClusterStatus status = scene.decide().status();
        assertThat(status.phase()).isEqualTo("Updating");
        assertThat(status.reason())
                .startsWith("orders-1 is the primary; one standby streams; ")
                .contains("data-orders-1 has 1Gi of 2Gi and waits for its storage")
                .contains("data-orders-2 has 1Gi of 2Gi and waits for its file system");
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("True");
        assertThat(condition(status, "Ready").getReason()).isEqualTo("Updating");
        assertThat(condition(status, "Reconciling").getStatus())
                .as("to kstatus it is in progress")
                .isEqualTo("True");
    }

    @Test
    void aVolumeThatCannotGrowIsSaidAsOneThatMustNot() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").growth = new Growth("1Gi", "2Ti", Growth.Stage.FAILED, "rpc error: out of range");
        scene.member("orders-3").growth = new Growth("1Gi", "2Ti", Growth.Stage.FAILED, "rpc error: out of range");
        PostgresClusterStatus status = scene.decide().status();
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
        assertThat(condition(status, "Ready").getMessage())
                .contains("PersistentVolumeClaim data-orders-2 has 1Gi and was asked for 2Ti")
                .contains("rpc error: out of range. It is tried again")
                .endsWith("The same with data-orders-3");
        assertThat(condition(status, "PrimaryAvailable").getStatus())
                .as("the database serves")
                .isEqualTo("True");
        assertThat(condition(status, "Reconciling").getStatus()).isEqualTo("True");
    }

    @Test
    void aVolumeThatCannotGrowHidesNeitherAMissingMemberNorAFailover() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").growth = new Growth("1Gi", "2Gi", Growth.Stage.FAILED, "quota exceeded");
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(10));
        assertThat(scene.decide().status().reason())
                .startsWith("Waiting for orders-3")
                .contains("quota exceeded");
        scene.failingOver().member("orders-1").silentSince(scene.monotonic.minusSeconds(5));
        assertThat(scene.decide().status().reason())
                .startsWith("Waiting for the votes")
                .doesNotContain("quota exceeded");
    }

    @Test
    void aVolumeThatHasGrownIsNotSpokenOf() {
        Scene scene = Scene.healthy(2);
        scene.member("orders-2").growth = new Growth("1Gi", "2Gi", Growth.Stage.STORAGE, "");
        scene.status = scene.decide().status();
        scene.member("orders-2").growth = null;
        PostgresClusterStatus status = scene.decide().status();
        assertThat(status.phase()).isEqualTo("Running");
        assertThat(status.reason()).isEqualTo("orders-1 is the primary; one standby streams");
        assertThat(status.conditions())
                .extracting(Condition::getType)
                .containsExactly("Ready", "PrimaryAvailable", "ReplicationHealthy");
        assertThat(condition(status, "Ready").getReason()).isEqualTo("AsDesired");
    }

    @Test
    void aConditionKeepsTheTimeOfItsLastChange() {
        Scene scene = Scene.healthy(1);
        scene.status = scene.decide().status();
        scene.monotonic = scene.monotonic.plusSeconds(50);
        assertThat(scene.decide().status().conditions()).isEqualTo(scene.status.conditions());
    }

    @Test
    void aClusterWithATimeToLiveDeletesItselfAndWakesForIt() {
        Scene scene = Scene.healthy(1);
        scene.ttl = 1010;
        assertThat(scene.decide().recheckAfter()).isEqualTo(Duration.ofSeconds(10));
        scene.monotonic = scene.monotonic.plusSeconds(11);
        assertThat(scene.decide().actions()).anyMatch(Action.DeleteCluster.class::isInstance);
    }

    private static Condition condition(PostgresClusterStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }
}
