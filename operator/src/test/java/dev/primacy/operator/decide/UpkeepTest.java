package dev.primacy.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.decide.Action.AnnotateClaim;
import dev.primacy.operator.decide.Action.CreateSlot;
import dev.primacy.operator.decide.Action.DropSlot;
import dev.primacy.operator.decide.Action.EnsureApplication;
import dev.primacy.operator.decide.Action.Follow;
import dev.primacy.operator.decide.Action.Instruct;
import dev.primacy.operator.decide.Action.Label;
import dev.primacy.operator.decide.Action.RestartInPlace;
import dev.primacy.operator.decide.Action.Route;
import dev.primacy.operator.decide.Action.SetReady;
import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.Instruction.Verb;
import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.PodView.NodeState;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules 8, 9, 9a, 10 and 14: what is put right beside the primary's business. */
@SuppressWarnings("NullAway") // a null where a value should be fails the test as well
class UpkeepTest {

    @Test
    void aQuietClusterNeedsNothing() {
        Decision decision = Scene.healthy(3).decide();
        assertThat(decision.actions()).isEmpty();
        assertThat(decision.facts()).isEqualTo(Scene.healthy(3).facts);
        assertThat(decision.recheckAfter()).isGreaterThan(Duration.ofSeconds(30));
    }

    /** Seed 5236: a process that was frozen while another led wrote down the container that it had last seen, which had ended since. */
    @Test
    void whatWasSeenUnderAnOlderEpochIsNotWrittenDown() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").containerName = "an earlier one";
        scene.member("orders-1").epoch = 4;
        scene.member("orders-2").claimUid = "another volume";
        scene.member("orders-2").epoch = 4;
        assertThat(scene.decide().facts()).isEqualTo(scene.facts);
        assertThat(scene.decide().actions())
                .contains(new Action.AdoptEpoch("orders-1"), new Action.AdoptEpoch("orders-2"));
        scene.member("orders-1").epoch = 5;
        assertThat(scene.decide().facts().containers()).containsEntry("orders-1", "an earlier one");
    }

    @Test
    void theServiceIsRoutedBeforeAnythingElse() {
        Scene scene = Scene.healthy(3);
        scene.routed = "orders-2";
        scene.member("orders-1").roleLabel = "replica";
        assertThat(scene.decide().actions().getFirst()).isEqualTo(new Route("orders-1", "orders-2"));
        assertThat(scene.decide().actions()).hasSizeGreaterThan(1);
    }

    @Test
    void nothingIsUnroutedWhileAFailoverRuns() {
        Scene scene = Scene.healthy(3).failingOver();
        scene.routed = "orders-2";
        scene.member("orders-1").silentSince(scene.monotonic);
        assertThat(scene.decide().actions()).noneMatch(Action.Kube.class::isInstance);
    }

    @Test
    void readsGoToStandbysThatStreamAndToThePrimaryWhereThereAreNone() {
        Scene scene = Scene.healthy(2);
        scene.member("orders-2").standby();
        scene.member("orders-1").followers.clear();
        assertThat(scene.decide().actions())
                .contains(new Label("orders-1", "primary", true), new Label("orders-2", "replica", false))
                .contains(new SetReady("orders-2", false, "NotStreaming"));
    }

    @Test
    void standbysThatHaveYetToFindANewPrimaryGoOnServingReads() {
        Scene scene = Scene.healthy(3);
        scene.failedOver(scene.monotonic.minusSeconds(1));
        scene.member("orders-1").followers.clear();
        assertThat(scene.decide().actions()).noneMatch(Label.class::isInstance).noneMatch(SetReady.class::isInstance);
        assertThat(scene.decide().recheckAfter()).isLessThanOrEqualTo(Duration.ofSeconds(2));
        scene.failedOver(scene.monotonic.minusSeconds(4));
        assertThat(scene.decide().actions()).contains(new Label("orders-2", "replica", false));
    }

    @Test
    void rolesThatChangedByAnotherHandAreGoneThroughAgainAndTheClusterStaysReady() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").roles = "altered";
        assertThat(scene.decide().actions()).containsExactly(new EnsureApplication("orders-1", "a1", "altered"));
        assertThat(scene.decide().status().phase()).isEqualTo("Running");
    }

    @Test
    void oneLostProbeMovesNoEndpoint() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").silentSince(scene.monotonic.minusSeconds(1));
        assertThat(scene.decide().actions()).isEmpty();
        scene.member("orders-2").silentSince(scene.monotonic.minusSeconds(3));
        assertThat(scene.decide().actions()).contains(new Label("orders-2", "replica", false));
    }

    @Test
    void thePrimaryHasASlotForEveryOtherMemberAndNoneForOthers() {
        Scene scene = Scene.healthy(3);
        MemberScene primary = scene.member("orders-1");
        primary.slots.clear();
        primary.slot("orders-3").slot("orders-9").slots.add(new Probe.Slot("users_own", true, "reserved", Lsn.ZERO));
        assertThat(scene.decide().actions())
                .containsExactlyInAnyOrder(
                        new CreateSlot("orders-1", "orders_2"), new DropSlot("orders-1", "orders_9"));
    }

    @Test
    void aSlotOnAStandbyIsDropped() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").slot("orders-3");
        assertThat(scene.decide().actions()).containsExactly(new DropSlot("orders-2", "orders_3"));
    }

    @Test
    void aStandbyThatFollowsNobodyFollowsThePrimaryByItsOwnName() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").standby();
        assertThat(scene.decide().actions())
                .contains(new Follow("orders-2", "orders-1-0.orders-members.shop.svc", 5432, "orders_2"));
    }

    @Test
    void aFormerPrimaryIsRestarted() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").primary();
        assertThat(scene.decide().actions()).contains(new RestartInPlace("orders-2", false));
    }

    @Test
    void whoHasLogThatThePrimaryHasNotIsRewound() {
        Scene scene = Scene.healthy(3);
        scene.facts = scene.facts.withTimelinesUpTo(2);
        scene.member("orders-1").at(2, 2000).forkedFrom(1, 1000);
        scene.member("orders-2").standby().at(1, 1001);
        assertThat(scene.settle().actions())
                .anySatisfy(action -> assertThat(action)
                        .isEqualTo(new Action.Instruct(
                                "orders-2",
                                new Instruction("5-1-3e9", 5, Verb.REWIND, "orders-1-0.orders-members.shop.svc"))))
                .as("a rewind waits for the first checkpoint on the timeline")
                .contains(new Action.Checkpoint("orders-1"));
        scene.member("orders-2").instruction = "5-1-3e9 5 rewind x";
        assertThat(scene.decide().actions()).as("once").noneMatch(Instruct.class::isInstance);

        scene.member("orders-2").at(1, 1000);
        scene.member("orders-2").instruction = "";
        assertThat(scene.decide().actions()).anyMatch(Follow.class::isInstance).noneMatch(Instruct.class::isInstance);
    }

    /** The simulation, seed 61732: to an operator that had been frozen both standbys seemed to be ahead. */
    @Test
    void anOlderLookAtThePrimaryMakesNobodyDiverge() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").probedAt = scene.monotonic.minusSeconds(2);
        scene.member("orders-2").standby().at(1, 1500).since = scene.monotonic.minusSeconds(1);
        assertThat(scene.decide().actions()).noneMatch(Instruct.class::isInstance);
        scene.member("orders-1").probedAt = scene.monotonic.minusMillis(900);
        assertThat(scene.decide().actions()).anyMatch(Instruct.class::isInstance);
    }

    @Test
    void whoseLogIsNotKeptAnyMoreIsClonedAnew() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").slots.set(0, new Probe.Slot("orders_2", false, "lost", Lsn.ZERO));
        scene.member("orders-2").standby().at(1, 100);
        assertThat(scene.decide().actions())
                .anyMatch(action -> action instanceof Instruct instruct
                        && instruct.instruction().verb() == Verb.CLONE);
    }

    @Test
    void whoCannotReachThePrimaryIsNotClonedAnewAsLongAsItsLogIsKept() {
        Scene scene = Scene.healthy(3);
        MemberScene cutOff = scene.member("orders-2").standby().at(1, 100).following("orders-1");
        cutOff.streaming = false;
        cutOff.since = scene.monotonic.minusSeconds(3_600);
        scene.member("orders-1")
                .followers
                .removeIf(follower -> follower.member().equals("orders-2"));
        scene.member("orders-1").keepsFor("orders-2", new Lsn(100));
        assertThat(scene.settle().actions()).noneMatch(Instruct.class::isInstance);

        scene.member("orders-1").keepsFor("orders-2", new Lsn(101));
        assertThat(scene.settle().actions())
                .anyMatch(action -> action instanceof Instruct order
                        && order.member().equals("orders-2")
                        && order.instruction().verb() == Verb.CLONE);
        scene.member("orders-1").keepsFor("orders-2", null);
        assertThat(scene.settle().actions()).anyMatch(Instruct.class::isInstance);

        cutOff.since = scene.monotonic.minusSeconds(59);
        assertThat(scene.settle().actions()).as("it may come soon").noneMatch(Instruct.class::isInstance);
    }

    @Test
    void aMemberThatDoesNotComeUpForMinutesIsClonedAnewButNotWhileACopyIsBeingMade() {
        Scene scene = broken();
        assertThat(scene.settle().actions()).anyMatch(Instruct.class::isInstance);
        scene.member("orders-1").copies.add(new Probe.Copy("orders-2", "clone", 1, 2));
        assertThat(scene.decide().actions()).noneMatch(Instruct.class::isInstance);

        Scene unnamed = broken();
        unnamed.member("orders-1").slots.add(new Probe.Slot("orders_2", true, "reserved", Lsn.ZERO));
        assertThat(unnamed.settle().actions())
                .as("its slot is in use, by nobody of its name")
                .noneMatch(Instruct.class::isInstance);
    }

    /** What took hours to copy is made durable and started after that, while nothing listens and nothing more is fetched. */
    @Test
    void aCopyThatHasJustEndedIsNotMadeAgain() {
        Scene scene = broken();
        scene.member("orders-2").refusing(scene.monotonic.minusSeconds(7_200));
        scene.member("orders-2").lastCopied = scene.monotonic.minusSeconds(100);
        assertThat(scene.settle().actions()).noneMatch(Instruct.class::isInstance);

        scene.member("orders-2").lastCopied = scene.monotonic.minusSeconds(130);
        scene.member("orders-2").instruction = "5-broken-0 5 clone orders-1";
        assertThat(scene.settle().actions()).as("as it was told").noneMatch(Instruct.class::isInstance);

        scene.member("orders-2").lastCopied = scene.monotonic.minusSeconds(605);
        assertThat(scene.settle().actions()).as("it did not come up").anyMatch(Instruct.class::isInstance);
    }

    @Test
    void whoWasToldToRewindIsGivenTheTimeForIt() {
        Scene scene = broken();
        scene.member("orders-2").instruction = "5-2-1f4 5 rewind orders-1";
        assertThat(scene.settle().actions()).noneMatch(Instruct.class::isInstance);

        scene.member("orders-2").refusing(scene.monotonic.minusSeconds(605));
        assertThat(scene.settle().actions()).as("ten minutes later").anyMatch(Instruct.class::isInstance);

        Scene stuck = broken();
        stuck.member("orders-2").refusing(stuck.monotonic.minusSeconds(700)).instruction = "5-stuck-1 5 clone orders-1";
        assertThat(stuck.settle().actions())
                .as("it had let nobody in for ten minutes before")
                .noneMatch(Instruct.class::isInstance);
        stuck.member("orders-2").refusing(stuck.monotonic.minusSeconds(1_205));
        assertThat(stuck.settle().actions()).anyMatch(Instruct.class::isInstance);
    }

    @Test
    void whomOnlyTheOperatorCannotReachIsNotWiped() {
        Scene silent = broken();
        silent.member("orders-2").refused = false;
        assertThat(silent.settle().actions()).as("no answer is no word").noneMatch(Instruct.class::isInstance);

        Scene streaming = broken();
        streaming.member("orders-1").follower("orders-2", 1000);
        assertThat(streaming.settle().actions()).as("it streams").noneMatch(Instruct.class::isInstance);

        Scene briefly = broken();
        briefly.member("orders-2").refusedSince = briefly.monotonic.minusSeconds(1);
        assertThat(briefly.settle().actions()).as("it recovered a second ago").noneMatch(Instruct.class::isInstance);
    }

    @Test
    void brokenMembersAreClonedAnewOneAfterTheOther() {
        Scene scene = broken();
        scene.member("orders-1").followers.clear();
        scene.member("orders-1")
                .slots
                .replaceAll(slot -> new Probe.Slot(slot.name(), false, slot.walStatus(), slot.keptFrom()));
        scene.member("orders-3").refusing(scene.monotonic.minusSeconds(130));
        scene.member("orders-2").instruction = "5-broken-0 5 clone orders-1";
        assertThat(scene.settle().actions()).noneMatch(Instruct.class::isInstance);

        scene.member("orders-2").following("orders-1");
        scene.member("orders-1").follower("orders-2", 1000);
        assertThat(scene.settle().actions())
                .anyMatch(action ->
                        action instanceof Instruct instruct && instruct.member().equals("orders-3"));
    }

    @Test
    void whoWasClonedAnewLongAgoAndIsLostNowKeepsNobodyFromIt() {
        Scene scene = broken();
        scene.member("orders-3").instruction = "5-broken-0 5 clone orders-1";
        scene.member("orders-3").refusing(scene.monotonic.minusSeconds(130));
        scene.member("orders-1").followers.clear();
        assertThat(scene.settle().actions()).as("it is being cloned").noneMatch(Instruct.class::isInstance);

        scene.member("orders-3").nodeState = NodeState.UNREACHABLE;
        assertThat(scene.settle().actions())
                .as("its node is lost")
                .anyMatch(action ->
                        action instanceof Instruct order && order.member().equals("orders-2"));

        scene.member("orders-3").nodeState = NodeState.READY;
        scene.member("orders-3").refusing(scene.monotonic.minusSeconds(601));
        assertThat(scene.settle().actions())
                .as("nothing has been heard of it for ten minutes")
                .anyMatch(action ->
                        action instanceof Instruct order && order.member().equals("orders-2"));
    }

    @Test
    void aMemberWhoseScriptRefusesToReadItsDataIsClonedAnewAlthoughItsContainerEndsAgainAndAgain() {
        Scene scene = broken();
        MemberScene member = scene.member("orders-2");
        member.container = new PodView.Container.Waiting("CrashLoopBackOff", "ask for a rebuild", 5);
        assertThat(scene.settle().actions())
                .anyMatch(it -> it instanceof Instruct order
                        && order.instruction().verb() == Verb.CLONE
                        && order.member().equals("orders-2"));
        assertThat(scene.decide().events())
                .extracting(Event::message)
                .contains("orders-2 is cloned anew from orders-1: its data directory cannot be read");

        member.container = new PodView.Container.Terminated("", 5, "Error", "ask for a rebuild", Scene.CREATED);
        assertThat(scene.settle().actions()).anyMatch(Instruct.class::isInstance);
    }

    @Test
    void whoseContainerEndsForAnotherReasonIsNotWiped() {
        Scene scene = broken();
        MemberScene member = scene.member("orders-2");
        member.container = new PodView.Container.Waiting("CrashLoopBackOff", "another cluster's data", 3);
        assertThat(scene.settle().actions()).as("foreign data").noneMatch(Instruct.class::isInstance);
        member.container = new PodView.Container.Terminated("", 137, "OOMKilled", "", Scene.CREATED);
        assertThat(scene.settle().actions()).as("out of memory").noneMatch(Instruct.class::isInstance);
    }

    @Test
    void unreadableDataIsWipedOnlyWhereTheMemberWasSeenToRunAndOneAfterTheOther() {
        Scene elsewhere = broken();
        elsewhere.member("orders-2").container = new PodView.Container.Waiting("CrashLoopBackOff", "refused", 5);
        elsewhere.member("orders-2").claimUid = "a volume that somebody put there";
        assertThat(elsewhere.settle().actions()).noneMatch(Instruct.class::isInstance);
        assertThat(elsewhere.decide().status().reason())
                .endsWith(
                        "If nothing of that is needed: kubectl annotate pgc orders primacy.dev/rebuild=orders-2 clones"
                                + " it anew");

        Scene another = broken();
        another.member("orders-1").followers.clear();
        another.member("orders-2").container = new PodView.Container.Waiting("CrashLoopBackOff", "refused", 5);
        another.member("orders-3").refusing(another.monotonic.minusSeconds(130)).instruction =
                "5-broken-0 5 clone orders-1";
        assertThat(another.settle().actions()).noneMatch(Instruct.class::isInstance);
    }

    @Test
    void unreadableDataIsKeptWhileThePrimaryIsSilentOrTheSilenceIsShort() {
        Scene alone = broken();
        alone.member("orders-2").container = new PodView.Container.Waiting("CrashLoopBackOff", "refused", 5);
        alone.member("orders-1").silentSince(alone.monotonic.minusSeconds(1));
        assertThat(alone.settle().actions()).noneMatch(Instruct.class::isInstance);

        Scene early = broken();
        early.member("orders-2").refusing(early.monotonic.minusSeconds(100)).container =
                new PodView.Container.Waiting("CrashLoopBackOff", "nothing was touched. Ask for a rebuild.", 5);
        assertThat(early.settle().actions()).noneMatch(Instruct.class::isInstance);
        assertThat(early.decide().status().reason())
                .isEqualTo("Waiting for orders-2: its container, which keeps failing: nothing was touched. Ask for a"
                        + " rebuild. It is cloned anew after 2 minutes, while the primary answers; at once by: kubectl"
                        + " annotate pgc orders primacy.dev/rebuild=orders-2");
    }

    /** orders-2 has not answered for 130 s; for the last six nothing listens there. */
    private static Scene broken() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").refusing(scene.monotonic.minusSeconds(130)).refusedSince =
                scene.monotonic.minusSeconds(6);
        scene.member("orders-1")
                .followers
                .removeIf(follower -> follower.member().equals("orders-2"));
        scene.member("orders-1")
                .slots
                .replaceAll(slot -> slot.name().equals("orders_2")
                        ? new Probe.Slot("orders_2", false, "reserved", Lsn.ZERO)
                        : slot);
        return scene;
    }

    @Test
    void onALostNodeAClaimWaitsAndAnEmptyDirIsMadeAnewElsewhere() {
        Scene scene = Scene.healthy(3);
        MemberScene third = scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(61));
        third.nodeState = PodView.NodeState.UNREACHABLE;
        assertThat(scene.decide().actions()).noneMatch(Action.DeletePod.class::isInstance);
        third.claim = false;
        assertThat(scene.settle().actions())
                .contains(new Action.DeletePod(
                        "orders-3", "pod-orders-3", Duration.ZERO, "its node node-orders-3 is lost"));
    }

    /** The simulation, seeds 2401 and 12544: the empty volume was said to hold data, and waited for. */
    @Test
    void whatAnswersWhereThePodBeforeWasSaysNothingOfTheVolumeThatTookThePlace() {
        for (String name : List.of("orders-1", "orders-2")) {
            Scene scene = Scene.healthy(3);
            MemberScene replaced = scene.member(name);
            replaced.claimUid = "new";
            replaced.claimAnnotated = false;
            replaced.address = false;
            Decision decision = scene.decide();
            assertThat(decision.facts()).isEqualTo(scene.facts);
            assertThat(decision.actions()).noneMatch(AnnotateClaim.class::isInstance);

            replaced.address = true;
            assertThat(scene.decide().facts().incarnations()).containsEntry(name, "new");
            assertThat(scene.settle().actions()).contains(new AnnotateClaim(name, "new", Scene.SYSTEM_ID, 5));
        }
    }

    /** The simulation, seed 23170: it was to be primary, and its volume was on its way out. */
    @Test
    void aStandbyWhosePodIsGoneIsNobodyToSwitchOverTo() {
        Scene scene = Scene.healthy(2);
        scene.member("orders-2").address = false;
        scene.requests.put("switchover", "orders-2");
        assertThat(scene.decide().facts().intent()).isNull();
        assertThat(scene.decide().events()).extracting(Event::reason).contains("SwitchoverRefused");
    }

    @Test
    void theClaimsCarryWhatOutlivesTheStatus() {
        Scene scene = Scene.healthy(1);
        scene.member("orders-1").claimEpoch = 4;
        assertThat(scene.decide().actions())
                .contains(new AnnotateClaim("orders-1", "claim-orders-1", Scene.SYSTEM_ID, 5));
    }

    @Test
    void aRebuildOfThePrimaryIsRefusedAndOfAStandbyOrderedOnce() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("rebuild", "orders-1");
        assertThat(scene.decide().events()).extracting(Event::reason).containsExactly("RebuildRefused");
        scene.requests.put("rebuild", "orders-2");
        assertThat(scene.decide().actions())
                .contains(new Action.ConsumeRequest("rebuild"))
                .anyMatch(Instruct.class::isInstance);
    }

    @Test
    void noTwoRequestedRebuildsHaveOneIdSinceTheVolumeRemembersWhichItObeyed() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("rebuild", "orders-2");
        Instruct first = instructed(scene);
        scene.monotonic = scene.monotonic.plusSeconds(60);
        assertThat(instructed(scene).instruction().id())
                .isNotEqualTo(first.instruction().id());
    }

    private static Instruct instructed(Scene scene) {
        return scene.decide().actions().stream()
                .filter(Instruct.class::isInstance)
                .map(Instruct.class::cast)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anExpiredClusterWhoseDeletionIsRefusedIsNotAskedForWithoutAPause() {
        Scene scene = Scene.healthy(1);
        scene.ttl = 1;
        Decision decision = scene.decide();
        assertThat(decision.actions()).anyMatch(Action.DeleteCluster.class::isInstance);
        assertThat(decision.recheckAfter()).isPositive();

        scene.paused = true;
        assertThat(scene.decide().actions()).noneMatch(Action.DeleteCluster.class::isInstance);
    }

    @Test
    void aRebuildOfAMemberWhoseNodeIsLostReplacesItsVolumeOnceItDoesNotCountAnyMore() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("rebuild", "orders-3");
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        MemberScene lost = scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(20));
        lost.nodeState = NodeState.UNREACHABLE;
        assertThat(scene.decide().actions()).noneMatch(Action.DeleteClaim.class::isInstance);
        assertThat(scene.decide().actions()).noneMatch(Action.ConsumeRequest.class::isInstance);

        scene.facts = scene.facts.withPromotable(List.of(List.of("orders-1", "orders-2")));
        scene.member("orders-1").promotable = List.of("orders-1", "orders-2");
        assertThat(scene.decide().status().reason())
                .contains("kubectl annotate pgc orders primacy.dev/rebuild=orders-3");
        assertThat(scene.decide().actions())
                .containsSubsequence(
                        new Action.ConsumeRequest("rebuild"),
                        new Action.DeleteClaim("orders-3", lost.claimUid),
                        new Action.DeletePod(
                                "orders-3",
                                lost.podUid,
                                Duration.ZERO,
                                "it is rebuilt on another volume, as requested"));
    }

    @Test
    void aRebuildReplacesAVolumeThatCannotBeWrittenOn() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("rebuild", "orders-3");
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        scene.facts = scene.facts.withPromotable(List.of(List.of("orders-1", "orders-2")));
        scene.member("orders-1").promotable = List.of("orders-1", "orders-2");
        MemberScene member = scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(90));
        member.container = new PodView.Container.Waiting("CrashLoopBackOff", "must be writable", 3);
        assertThat(scene.decide().actions()).noneMatch(Action.DeleteClaim.class::isInstance);
        member.container = new PodView.Container.Waiting("CrashLoopBackOff", "must be writable", 4);
        assertThat(scene.decide().actions()).contains(new Action.DeleteClaim("orders-3", member.claimUid));
    }

    /** On a new node in the place of a lost one: it would have been told to clone onto what it then could not write on. */
    @Test
    void aRebuildOfAMemberThatHasYetToRunWaitsUntilItRunsOrDoesNotCountAnyMore() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("rebuild", "orders-3");
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        MemberScene member = scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(20));
        PodView.Container started = member.container;
        member.container = new PodView.Container.Waiting("ImagePullBackOff", "Back-off pulling image", 0);
        assertThat(scene.decide().actions())
                .noneMatch(Action.ConsumeRequest.class::isInstance)
                .noneMatch(Instruct.class::isInstance);

        scene.facts = scene.facts.withPromotable(List.of(List.of("orders-1", "orders-2")));
        scene.member("orders-1").promotable = List.of("orders-1", "orders-2");
        assertThat(scene.decide().actions()).contains(new Action.DeleteClaim("orders-3", member.claimUid));

        member.container = started;
        assertThat(scene.decide().actions()).anyMatch(Instruct.class::isInstance);
    }

    @Test
    void whilePausedNoVolumeIsReplacedSinceNoneWouldBeMade() {
        Scene scene = Scene.healthy(3);
        scene.paused = true;
        scene.requests.put("rebuild", "orders-3");
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        scene.facts = scene.facts.withPromotable(List.of(List.of("orders-1", "orders-2")));
        scene.member("orders-1").promotable = List.of("orders-1", "orders-2");
        MemberScene member = scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(90));
        member.container = new PodView.Container.Waiting("CrashLoopBackOff", "must be writable", 4);
        assertThat(scene.decide().actions()).noneMatch(Action.DeleteClaim.class::isInstance);
        assertThat(scene.decide().events())
                .anyMatch(event -> event.reason().equals("RebuildRefused")
                        && event.message().contains("spec.paused"));
    }

    @Test
    void aRebuildOfAMemberThatStillStreamsKeepsItsVolume() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("rebuild", "orders-3");
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(90)).nodeState = NodeState.UNREACHABLE;
        scene.facts = scene.facts.withPromotable(List.of(List.of("orders-1", "orders-2")));
        assertThat(scene.decide().actions()).noneMatch(Action.DeleteClaim.class::isInstance);
    }

    @Test
    void aMemberThatIsStuckInItsRecoveryIsClonedAnew() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        scene.member("orders-3").startingSince(scene.monotonic.minusSeconds(599));
        assertThat(scene.settle().actions()).noneMatch(Instruct.class::isInstance);
        scene.member("orders-3").startingSince(scene.monotonic.minusSeconds(600));
        assertThat(scene.settle().actions())
                .anyMatch(it -> it instanceof Instruct order
                        && order.instruction().verb() == Verb.CLONE
                        && order.member().equals("orders-3"));
    }

    @Test
    void aCopyThatIsStuckAsTheOneBeforeIsMadeOnceMore() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        MemberScene stuck = scene.member("orders-3").startingSince(scene.monotonic.minusSeconds(600));
        stuck.lastAnswered = scene.monotonic.minusSeconds(1_300);
        stuck.instruction = "5-stuck-1 5 clone orders-1";
        assertThat(scene.settle().actions())
                .anyMatch(it ->
                        it instanceof Instruct order && order.instruction().id().equals("5-stuck-2"));
    }

    /** What holds it up is on the primary: another copy would wait for that as well. */
    @Test
    void whoStreamsAndLetsNobodyInIsLetBeAndTheStatusSaysWhatItWaitsFor() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").startingSince(scene.monotonic.minusSeconds(5_000));
        Decision decision = scene.settle();
        assertThat(decision.actions()).noneMatch(Instruct.class::isInstance);
        assertThat(decision.status().reason()).contains("subtransactions", "pg_stat_activity");
    }

    @Test
    void aChangedConfigurationIsProjectedAndLoadedByEveryMember() {
        Scene scene = Scene.healthy(2);
        scene.config = "c2";
        assertThat(scene.decide().actions())
                .contains(
                        new Action.TouchConfig("orders-2", "c2"),
                        new Action.Reload("orders-2", "c2", "cert"),
                        new Action.Reload("orders-1", "c2", "cert"));
    }
}
