package dev.primacy.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.Growth;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.RecordedFacts;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.util.List;
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
                .isEqualTo("Waiting for orders-3: PostgreSQL to answer (no answer within 1 s); "
                        + "`kubectl logs orders-3-0` says what it does");
    }

    @Test
    void aVolumeThatIsNotMadeIsSaidWithItsClaimAndItsClass() {
        Scene scene = Scene.healthy(3);
        MemberScene third = scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(10));
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        third.container = new PodView.Container.Unknown();
        third.unbound = new ClaimView.Unbound("Pending", "fast");
        assertThat(scene.decide().status().reason())
                .isEqualTo("Waiting for orders-3: its PersistentVolumeClaim, which is Pending (StorageClass fast): "
                        + "`kubectl describe pvc data-orders-3` says why");

        third.unschedulable = "storageclass.storage.k8s.io \"fast\" not found.";
        assertThat(scene.decide().status().reason())
                .isEqualTo("Waiting for orders-3: a node for its pod; the scheduler says: "
                        + "storageclass.storage.k8s.io \"fast\" not found. Check spec.pod (resources, affinity, tolerations) and the nodes"
                        + " (`kubectl describe pod orders-3-0`), and its PersistentVolumeClaim, which is Pending "
                        + "(StorageClass fast): `kubectl describe pvc data-orders-3` says why");

        third.unbound = new ClaimView.Unbound("Pending", null);
        assertThat(scene.decide().status().reason()).contains("which is Pending and names no StorageClass: ");
    }

    @Test
    void aVolumeThatCannotBeAttachedIsLookedForWhereTheKubeletSaysIt() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(10)).container =
                new PodView.Container.Waiting("ContainerCreating", "", 0);
        assertThat(scene.decide().status().reason())
                .isEqualTo("Waiting for orders-3: its container (ContainerCreating); if it does not start, "
                        + "`kubectl describe pod orders-3-0` says why");
    }

    @Test
    void aFirstStartThatIsHeldUpIsToldByAnEventAfterAMinute() {
        Scene scene = Scene.fresh(1);
        scene.facts = scene.decide().facts();
        scene.ownEpoch = 1;
        MemberScene first = scene.member("orders-1");
        first.container = new PodView.Container.Waiting("ImagePullBackOff", "pull access denied", 0);

        scene.monotonic = Duration.ofSeconds(59);
        assertThat(scene.decide().events()).isEmpty();
        scene.monotonic = Duration.ofSeconds(61);
        assertThat(scene.decide().events()).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo(Event.Type.Warning);
            assertThat(event.reason()).isEqualTo("StartDelayed");
            assertThat(event.message())
                    .startsWith(
                            "Waiting for orders-1: its image; the kubelet says ImagePullBackOff: pull access denied");
        });

        first.container = new PodView.Container.Running(Scene.CREATED);
        assertThat(scene.decide().events())
                .as("initdb takes as long as it takes")
                .isEmpty();
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
    void aConfigurationThatIsNotLoadedEverywhereIsProgressAndTheClusterStaysReady() {
        Scene scene = Scene.healthy(3);
        scene.config = "c2";
        PostgresClusterStatus status = scene.decide().status();
        assertThat(status.phase()).isEqualTo("Updating");
        assertThat(status.reason())
                .isEqualTo("orders-1 is the primary; 2 standbys stream;"
                        + " orders-1, orders-2 and orders-3 do not run with what changed yet");
        assertIsReadyAndReconciling(status, "Updating");

        scene.member("orders-1").configLoaded = "c2";
        assertThat(scene.decide().status().reason())
                .endsWith("; orders-2 and orders-3 do not run with what changed yet");
        scene.member("orders-2").configLoaded = "c2";
        assertThat(scene.decide().status().reason()).endsWith("; orders-3 does not run with what changed yet");
        scene.member("orders-3").configLoaded = "c2";
        assertIsAsDesired(scene.decide().status());
    }

    @Test
    void aRolloutIsProgressWhileAllIsServed() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").pending = List.of("shared_buffers");
        PostgresClusterStatus restarting = scene.decide().status();
        assertThat(restarting.phase()).isEqualTo("Restarting");
        assertIsReadyAndReconciling(restarting, "Restarting");

        scene.member("orders-3").statefulSet = "t2";
        PostgresClusterStatus updating = scene.decide().status();
        assertThat(updating.phase()).isEqualTo("Updating");
        assertThat(updating.reason()).isEqualTo("Waiting for orders-3 to come back with its new pod");
        assertIsReadyAndReconciling(updating, "Updating");
    }

    @Test
    void aRolloutThatHasToWaitIsProgressToo() {
        Scene scene = Scene.healthy(2);
        scene.member("orders-1").statefulSet = "t2";
        scene.member("orders-1").at(1, 1001 + Timing.SWITCHOVER_LAG_LIMIT);
        PostgresClusterStatus status = scene.decide().status();
        assertThat(status.reason()).endsWith("; orders-1 does not run with what changed yet");
        assertIsReadyAndReconciling(status, "Updating");
    }

    @Test
    void aPodThatIsKeptOnPurposeIsNoProgress() {
        Scene scene = Scene.healthy(1);
        scene.member("orders-1").statefulSet = "t2";
        scene.member("orders-1").claim = false;
        scene.facts = scene.facts.withIncarnation("orders-1", "pod-orders-1");
        PostgresClusterStatus status = scene.decide().status();
        assertIsAsDesired(status);
        assertThat(status.pendingRestart().members()).containsKey("orders-1");
    }

    @Test
    void whatAChangeOfTheSpecConcernsShowsOnlyInTheNextPassSoThatTheFirstDoesNotCallItDone() {
        Scene scene = Scene.healthy(3);
        scene.status = scene.decide().status();
        scene.generation = 4;
        Decision first = scene.decide();
        assertThat(first.status().observedGeneration()).isEqualTo(4);
        assertThat(first.status().reason()).isEqualTo("orders-1 is the primary; 2 standbys stream");
        assertIsReadyAndReconciling(first.status(), "Updating");
        assertThat(first.recheckAfter()).isEqualTo(Duration.ofMillis(500));

        scene.status = first.status();
        Decision second = scene.decide();
        assertIsAsDesired(second.status());
        assertThat(second.recheckAfter()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void aPassThatWritesFactsDownHasNotSeenTheSpec() {
        Scene scene = Scene.healthy(3);
        scene.status = scene.decide().status();
        scene.generation = 4;
        scene.replication = new Replication(Replication.Mode.Synchronous, 1, Replication.Durability.Required, null);
        Decision recorded = scene.decide();
        assertThat(recorded.facts()).isNotEqualTo(scene.facts);
        assertThat(recorded.status().observedGeneration()).isEqualTo(3);
        assertThat(condition(recorded.status(), "Ready").getObservedGeneration())
                .isEqualTo(3);
        PostgresClusterStatus acted = scene.settle().status();
        assertThat(acted.observedGeneration()).isEqualTo(4);
        assertIsReadyAndReconciling(acted, "Updating");
    }

    @Test
    void itIsNotReadyBeforeEveryMemberMayTakeOver() {
        Scene scene = Scene.healthy(3);
        assertThat(condition(scene.decide().status(), "Ready").getStatus()).isEqualTo("True");
        scene.member("orders-1").promotable = List.of("orders-1");
        scene.facts =
                scene.facts.withPromotable(List.of(List.of("orders-1"), List.of("orders-1", "orders-2", "orders-3")));
        PostgresClusterStatus status = scene.decide().status();
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
        assertThat(condition(status, "PrimaryAvailable").getStatus()).isEqualTo("True");
        assertThat(status.reason()).isEqualTo("Waiting for orders-1 to be told who may take over from it");

        scene.member("orders-1").promotable = List.of("orders-1", "orders-2", "orders-3");
        assertThat(condition(scene.settle().status(), "Ready").getStatus()).isEqualTo("True");
    }

    @Test
    void nothingIsBroughtAboutWhileTheClusterIsPaused() {
        Scene scene = Scene.healthy(2);
        scene.status = scene.decide().status();
        scene.generation = 4;
        scene.paused = true;
        scene.member("orders-2").statefulSet = "t2";
        PostgresClusterStatus status = scene.decide().status();
        assertThat(status.phase()).isEqualTo("Paused");
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("True");
        assertThat(condition(status, "Ready").getReason())
                .as("the change waits")
                .isEqualTo("Paused");
        assertThat(status.conditions()).extracting(Condition::getType).doesNotContain("Reconciling");
    }

    @Test
    void aConfigurationThatPostgreSqlRefusesIsSaidAndNotThatItIsOnItsWay() {
        Scene scene = Scene.healthy(2);
        scene.status = scene.decide().status();
        scene.generation = 4;
        scene.problems.add("the new configuration is not loaded, since PostgreSQL does not accept it: no");
        for (int pass = 0; pass < 2; pass++) {
            scene.status = scene.decide().status();
            assertThat(scene.status.phase()).isEqualTo("Degraded");
            assertThat(scene.status.reason())
                    .isEqualTo("the new configuration is not loaded, since PostgreSQL does not accept it: no");
            assertThat(condition(scene.status, "Ready").getStatus()).isEqualTo("False");
            assertThat(condition(scene.status, "PrimaryAvailable").getStatus()).isEqualTo("True");
            assertThat(condition(scene.status, "Reconciling").getReason()).isEqualTo("Degraded");
        }
    }

    @Test
    void aTakeoverDoesNotTakeBackWhatWasSeenBeforeAnybodyIsLookedAt() {
        Scene scene = Scene.healthy(3).takenOver();
        PostgresClusterStatus before = scene.status;
        Decision raised = scene.decide();
        assertThat(raised.facts().epoch()).isEqualTo(6);
        assertThat(RecordedFacts.in(raised.status())).isEqualTo(raised.facts());
        assertThat(raised.status()).isEqualTo(before.withEpoch(6));
        assertThat(raised.status().readyInstances()).isEqualTo(3);
        assertIsAsDesired(raised.status());

        PostgresClusterStatus waiting = scene.settle().status();
        assertThat(waiting).isEqualTo(before.withEpoch(6));

        scene.monotonic = scene.monotonic.plusSeconds(1);
        PostgresClusterStatus looked = scene.lookedAt().settle().status();
        assertThat(scene.settle().actions()).anyMatch(Action.EnsureApplication.class::isInstance);
        assertIsAsDesired(looked);
        assertThat(looked.conditions()).isEqualTo(before.conditions());
        assertThat(looked.readyInstances()).isEqualTo(3);
    }

    @Test
    void aTakeoverOfADegradedClusterKeepsThatToo() {
        Scene scene = Scene.healthy(3);
        scene.status = scene.decide().status();
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(10));
        PostgresClusterStatus status = scene.takenOver().settle().status();
        assertThat(status.phase()).isEqualTo("Degraded");
        assertThat(status.reason()).startsWith("Waiting for orders-3");
        assertThat(status.readyInstances()).isEqualTo(2);
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
        assertThat(condition(status, "PrimaryAvailable").getStatus()).isEqualTo("True");
    }

    @Test
    void aPrimaryThatIsSilentAtTheFirstLookAfterATakeoverIsNotAvailable() {
        Scene scene = Scene.healthy(3).takenOver();
        scene.settle();
        scene.member("orders-1").silentSince(null);
        PostgresClusterStatus status = scene.lookedAt().settle().status();
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
        assertThat(condition(status, "PrimaryAvailable").getStatus()).isEqualTo("False");
        assertThat(status.readyInstances()).isEqualTo(2);
    }

    @Test
    void aLookThatCameBeforeTheOthersDoesNotCallThemSilent() {
        Scene scene = Scene.healthy(3).takenOver();
        scene.settle();
        scene.member("orders-2").looked = true;
        assertIsAsDesired(scene.settle().status());
    }

    @Test
    void nobodyWaitsForLooksAtMembersWithoutAnAddress() {
        Scene scene = Scene.healthy(2);
        scene.member("orders-1").address = false;
        assertIsAsDesired(scene.takenOver().settle().status());
        scene.member("orders-2").address = false;
        assertThat(condition(scene.settle().status(), "Ready").getStatus()).isEqualTo("False");
    }

    @Test
    void aTakeoverDoesNotSpeakOfASpecThatNobodyHasSeen() {
        Scene scene = Scene.healthy(2).takenOver();
        scene.generation = 4;
        PostgresClusterStatus kept = scene.settle().status();
        assertThat(kept.observedGeneration()).isEqualTo(3);
        PostgresClusterStatus looked = scene.lookedAt().settle().status();
        assertThat(looked.observedGeneration()).isEqualTo(4);
        assertThat(condition(looked, "PrimaryAvailable").getStatus())
                .as("the owner may be another")
                .isEqualTo("False");
    }

    @Test
    void aFailoverThatWasTakenOverIsSpokenOfAtOnce() {
        Scene scene = Scene.healthy(3).takenOver();
        scene.failingOver();
        assertThat(condition(scene.settle().status(), "PrimaryAvailable").getStatus())
                .isEqualTo("False");
    }

    @Test
    void theApplicationThatCouldNotBeBroughtAboutAgainIsMissing() {
        Scene scene = Scene.healthy(1).takenOver().lookedAt();
        scene.settle();
        scene.problems.add("orders-1: ensure application did not succeed: no");
        assertThat(condition(scene.decide().status(), "PrimaryAvailable").getStatus())
                .isEqualTo("False");
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

    private static void assertIsReadyAndReconciling(PostgresClusterStatus status, String reason) {
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("True");
        assertThat(condition(status, "Ready").getReason()).isEqualTo(reason);
        assertThat(condition(status, "Reconciling").getStatus()).isEqualTo("True");
        assertThat(condition(status, "Reconciling").getReason()).isEqualTo(reason);
    }

    private static void assertIsAsDesired(PostgresClusterStatus status) {
        assertThat(status.phase()).isEqualTo("Running");
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("True");
        assertThat(condition(status, "Ready").getReason()).isEqualTo("AsDesired");
        assertThat(status.conditions())
                .extracting(Condition::getType)
                .containsExactly("Ready", "PrimaryAvailable", "ReplicationHealthy");
    }

    private static Condition condition(PostgresClusterStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void thatItBecameReadyOrIsNotAnyMoreIsAnEventOnce() {
        Scene scene = Scene.healthy(3);
        scene.status = scene.decide().status();
        assertThat(scene.decide().events()).isEmpty();

        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        Decision decision = scene.decide();
        assertThat(decision.events())
                .contains(Event.warning("NotReady", decision.status().reason()));
        scene.status = decision.status();
        assertThat(scene.decide().events()).noneMatch(it -> it.reason().equals("NotReady"));

        scene.member("orders-1").follower("orders-3", 1000);
        assertThat(scene.decide().events())
                .contains(Event.normal("Ready", "orders-1 is the primary; 2 standbys stream"));
    }

    @Test
    void aStandbyThatHasMuchToReplayServesNobodyAndTheStatusSaysHowMuch() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").at(1, 100L << 20).follower("orders-2", 1000).follower("orders-3", 90L << 20);
        Decision decision = scene.decide();
        assertThat(decision.actions())
                .contains(
                        new Action.Label("orders-2", "replica", false),
                        new Action.SetReady("orders-2", false, "FarBehind"));
        assertThat(decision.status().reason()).contains("orders-2 (streaming, more than 64 MiB to replay)");
        assertThat(decision.recheckAfter()).as("people see it catch up").isEqualTo(Duration.ofSeconds(2));
    }
}
