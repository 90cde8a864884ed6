package dev.primacy.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.Replication;
import dev.primacy.operator.decide.Action.Promote;
import dev.primacy.operator.decide.Action.Vote;
import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.Instruction.Verb;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.SystemId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How a cluster begins, and how it is taken up again. */
@SuppressWarnings("NullAway") // a null where a value should be fails the test as well
class BootstrapTest {

    @Test
    void oneMemberGetsTheOnlyLeaveToInitdbAndTheOthersWait() {
        Decision decision = Scene.fresh(3).decide();

        assertThat(decision.facts().members()).containsExactly("orders-1", "orders-2", "orders-3");
        assertThat(decision.facts().initdbMember()).isEqualTo("orders-1");
        assertThat(decision.facts().epoch()).isEqualTo(1);
        assertThat(decision.facts().promotable()).containsExactly(List.of("orders-1"));
        assertThat(decision.actions())
                .as("nothing is done before it is written down")
                .isEmpty();
    }

    @Test
    void theFirstMemberIsPromotedOnceItsSystemIdentifierIsWrittenDown() {
        Scene scene = Scene.fresh(1);
        scene.facts = scene.decide().facts();
        scene.ownEpoch = 1;
        scene.member("orders-1").claimAnnotated = false;
        assertThat(scene.decide().actions()).isEmpty();

        scene.member("orders-1").standby().epoch = 0;
        Decision identified = scene.decide();
        assertThat(identified.facts().systemId()).isEqualTo(Scene.SYSTEM_ID);
        assertThat(identified.facts().intent().timeline()).isEqualTo(2);

        assertThat(scene.settle().actions())
                .containsExactly(
                        new Promote("orders-1", "container-orders-1", 1, "", List.of("orders-1")),
                        new Action.Route("orders-1", null));

        scene.member("orders-1").primary().at(2, 1100);
        Decision crowned = scene.decide();
        assertThat(crowned.facts().primary()).isEqualTo("orders-1");
        assertThat(crowned.facts().containers().get("orders-1")).isEqualTo("container-orders-1");
        assertThat(crowned.facts().intent()).isNull();
        assertThat(crowned.facts().maxTimeline()).isEqualTo(2);
        assertThat(scene.settle().actions().getFirst()).isEqualTo(new Action.Route("orders-1", null));
    }

    @Test
    void anOperatorThatTakesOverRaisesTheEpochBeforeAnythingElse() {
        Scene scene = Scene.healthy(3);
        scene.ownEpoch = 0;
        scene.member("orders-2").claimEpoch = 9;
        Decision decision = scene.decide();
        assertThat(decision.facts().epoch()).as("the claims count too").isGreaterThan(9);
        assertThat(decision.actions()).isEmpty();
    }

    @Test
    void anOperatorThatWasSupersededRaisesTheEpochAgainBeforeItActs() {
        Scene scene = Scene.healthy(3);
        scene.facts = scene.facts.withEpoch(8);
        assertThat(scene.decide().facts().epoch()).isEqualTo(9);
    }

    @Test
    void aMemberThatIsAheadOfTheStatusIsOvertaken() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").epoch = 11;
        assertThat(scene.decide().facts().epoch())
                .as("it would refuse everything under an older epoch")
                .isGreaterThan(11);
    }

    /** Seed 12353: a status was restored while an order under an epoch that no member had seen yet was on its way. */
    @Test
    void aStatusOlderThanWhatThisProcessWroteDownWasRestored() {
        Scene scene = Scene.healthy(3);
        scene.ownEpoch = 9;
        Decision decision = scene.decide();
        assertThat(decision.facts().epoch()).isGreaterThan(9);
        assertThat(decision.events()).extracting(Event::reason).containsExactly("StatusRestored");
    }

    @Test
    void afterALostStatusTheEpochIsBeyondThoseThatNobodyHasSeen() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").epoch = 11;
        assertThat(scene.decide().facts().epoch())
                .as("the status that was lost, perhaps written by another process, may have been up to ten ahead")
                .isEqualTo(22);
    }

    @Test
    void dataThatOutlivedTheStatusIsTakenUpAndNeverInitialisedAnew() {
        Scene scene = Scene.fresh(3);
        scene.orphans.add(claim("data-orders-3", Scene.SYSTEM_ID, 7));
        scene.orphans.add(claim("data-orders-1", Scene.SYSTEM_ID, 4));
        scene.orphans.add(claim("data-orders-2", null, 0));

        Decision decision = scene.decide();

        assertThat(decision.facts().epoch()).isGreaterThan(7);
        assertThat(decision.facts().members()).containsExactly("orders-1", "orders-3");
        assertThat(decision.facts().initdbMember()).isNull();
        assertThat(decision.facts().systemId()).isEqualTo(Scene.SYSTEM_ID);
        assertThat(decision.facts().synchronous())
                .as("for whom commits waited is not known")
                .containsExactly(SynchronousSet.NONE);
    }

    @Test
    void claimsOfTwoClustersAreLeftToAPerson() {
        Scene scene = Scene.fresh(2);
        scene.orphans.add(claim("data-orders-1", Scene.SYSTEM_ID, 1));
        scene.orphans.add(claim("data-orders-2", new SystemId("99"), 1));
        Decision decision = scene.decide();
        assertThat(decision.status().phase()).isEqualTo("Stalled");
        assertThat(decision.status().reason())
                .contains("7400000000000000001")
                .contains("99")
                .contains("delete");
        assertThat(decision.facts()).isEqualTo(Facts.NONE);
    }

    @Test
    void ofRetainedCopiesEveryOneIsAwaitedAndTheFurthestIsPromoted() {
        Scene scene = adopted();
        scene.member("orders-1").at(3, 500).standby();
        scene.member("orders-2").at(4, 400).standby();
        scene.member("orders-3").silentSince(scene.monotonic);
        assertThat(scene.decide().actions())
                .as("orders-3 may be the one that is ahead")
                .isEmpty();

        scene.member("orders-3").startingSince(scene.monotonic.minusSeconds(31));
        assertThat(scene.decide().status().reason())
                .contains("orders-3 recovers and lets nobody in", "delete its claim and its pod");

        scene.member("orders-3").at(3, 900).standby();
        assertThat(scene.decide().actions())
                .as("nobody may change any more while they are compared")
                .containsExactly(new Vote("orders-1", ""), new Vote("orders-2", ""), new Vote("orders-3", ""));

        for (String name : scene.facts.members()) {
            scene.member(name).voted(scene.monotonic);
        }
        Decision chosen = scene.decide();
        assertThat(chosen.facts().target()).contains("orders-2");
        assertThat(chosen.facts().intent().timeline()).isEqualTo(5);
    }

    @Test
    void aMemberWhoseLostVolumeWasReplacedByAnEmptyOneIsNotWaitedFor() {
        Scene scene = adopted();
        scene.member("orders-1").at(4, 900).standby();
        scene.member("orders-2").at(4, 950).standby();
        scene.member("orders-3").refusing(scene.monotonic.minusSeconds(60));
        assertThat(scene.decide().status().reason()).contains("orders-3");

        scene.member("orders-3").claimUid = "new";
        assertThat(scene.decide().actions()).as("the votes of the others").isNotEmpty();
    }

    /** The simulation, seed 29906. */
    @Test
    void whoWaitsForTheSourceOfACopyIsToldToStartOnWhatItHas() {
        Scene scene = adopted();
        scene.member("orders-1").refusing(scene.monotonic.minusSeconds(6)).instruction =
                "3-2-12e 3 rewind orders-2-0.orders-members.shop.svc";
        scene.member("orders-2").at(4, 950).standby();
        scene.member("orders-3").refusing(scene.monotonic.minusSeconds(6));
        assertThat(scene.decide().actions())
                .containsExactly(new Action.Instruct("orders-1", new Instruction("6-start", 6, Verb.RESTART, "")));

        for (String other : List.of(
                "6-start 6 restart",
                "3-broken-2 3 clone orders-2-0.orders-members.shop.svc",
                "3-rebuild-1767225633 3 clone orders-2-0.orders-members.shop.svc")) {
            scene.member("orders-1").instruction = other;
            assertThat(scene.decide().actions()).as(other).isEmpty();
        }
    }

    @Test
    void aPrimaryThatRunsOnAndIsFollowedByMostIsTakenUpAsSuch() {
        Scene scene = adopted();
        scene.member("orders-2").primary().follower("orders-3", 1000);
        scene.member("orders-3").following("orders-2");
        scene.member("orders-1").silentSince(scene.monotonic);
        assertThat(scene.decide().facts().target()).contains("orders-2");
        assertThat(scene.settle().facts().primary()).isEqualTo("orders-2");
    }

    /** The simulation, seed 97697: a status of when it had standbys was restored, another succeeded it, and it started as primary. */
    @Test
    void aPrimaryThatReignedAloneIsToldThatItIsNotAnyMoreBeforeItIsTakenUp() {
        Scene scene = adopted();
        scene.member("orders-1").primary().solo = true;
        scene.member("orders-2").standby();
        scene.member("orders-3").standby();
        Decision decision = scene.decide();
        assertThat(decision.facts()).isEqualTo(scene.facts);
        assertThat(decision.actions()).containsExactly(new Action.SetSolo("orders-1", false));

        scene.member("orders-1").solo = false;
        assertThat(scene.decide().facts().target()).contains("orders-1");
    }

    /** The simulation, seed 42345: its volume had been lost while this process stood still, and another had begun to take up the data. */
    @Test
    void aPrimaryThatWasSeenBeforeThisProcessStoodStillIsLookedAtAgain() {
        Scene scene = adopted();
        scene.member("orders-1").primary().probedAt = scene.monotonic.minusSeconds(21);
        scene.member("orders-2").standby();
        scene.member("orders-3").standby();
        Decision decision = scene.decide();
        assertThat(decision.facts()).isEqualTo(scene.facts);
        assertThat(decision.actions()).isEmpty();
        assertThat(decision.rule()).isEqualTo("Awake");

        scene.facts = scene.facts.withIntent(scene.facts.intent().choosing("orders-1", 0, Scene.CREATED));
        assertThat(scene.decide().facts().primary()).as("though it was chosen").isNull();

        scene.member("orders-1").probedAt = scene.monotonic;
        assertThat(scene.decide().facts().primary()).isEqualTo("orders-1");
    }

    @Test
    void aPrimaryOnANodeThatIsVouchedToBeOffIsTakenUpOnceTheTaintIsRemoved() {
        Scene scene = adopted();
        scene.member("orders-2").primary().follower("orders-3", 1000).nodeState = PodView.NodeState.OUT_OF_SERVICE;
        scene.member("orders-3").following("orders-2");
        scene.member("orders-1").silentSince(scene.monotonic);
        Decision decision = scene.decide();
        assertThat(decision.facts()).isEqualTo(scene.facts);
        assertThat(decision.status().reason()).contains("out-of-service of node-orders-2 to be removed");

        scene.member("orders-2").nodeState = PodView.NodeState.READY;
        assertThat(scene.decide().facts().target()).contains("orders-2");
    }

    @Test
    void aPrimaryThatNobodyFollowsIsNotTakenUpWhileAnotherMemberIsSilent() {
        Scene scene = adopted();
        scene.member("orders-2").primary();
        scene.member("orders-3").standby();
        scene.member("orders-1").silentSince(scene.monotonic);
        assertThat(scene.decide().facts()).isEqualTo(scene.facts);
    }

    @Test
    void aPrimaryThatSomebodyWasPromotedAfterIsStoppedAndNotTakenUp() {
        Scene scene = adopted();
        scene.member("orders-3").at(12, 900).primary().follower("orders-2", 900);
        scene.member("orders-2").at(12, 900).following("orders-3");
        scene.member("orders-1").at(15, 800).standby();
        Decision decision = scene.decide();
        assertThat(decision.facts()).isEqualTo(scene.facts);
        assertThat(decision.actions()).containsExactly(new Action.RestartInPlace("orders-3", false));
    }

    @Test
    void afterALostStatusNoTimelineIsReservedThatAMemberHasSeen() {
        Scene scene = adopted();
        scene.facts = scene.facts.withIntent(scene.facts.intent().choosing("orders-2", 0, Scene.CREATED));
        scene.member("orders-2").at(4, 900).primary();
        scene.member("orders-3").at(7, 800).standby();
        assertThat(scene.decide().facts().maxTimeline()).isEqualTo(7);
    }

    @Test
    void whereTheStatusIsLostEveryTimelineThatAnOlderEpochCanHaveReservedIsPassedOver() {
        Scene scene = Scene.fresh(2);
        scene.orphans.add(claim("data-orders-1", Scene.SYSTEM_ID, 7));
        assertThat(scene.decide().facts().maxTimeline())
                .as("epoch 17, the last that can have been, reserved at most timeline 19")
                .isEqualTo(19);
    }

    @Test
    void whereTheStatusIsOlderThanTheMembersTheirTimelinesArePassedOverToo() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").epoch = 11;
        assertThat(scene.decide().facts().maxTimeline()).isEqualTo(23);
    }

    /** The simulation, seed 88576: the primary was lost before that was seen, and a standby without its last commits took over. */
    @Test
    void whetherCommitsOfDataThatIsTakenUpWaitedIsNotKnown() {
        Scene scene = Scene.synchronous(3, 1);
        scene.member("orders-3").epoch = 11;
        assertThat(scene.decide().facts().synchronous())
                .containsExactly(SynchronousSet.NONE, new SynchronousSet(List.of(), 1));

        scene.replication = new Replication(Replication.Mode.Synchronous, 1, Replication.Durability.Preferred, null);
        assertThat(scene.decide().facts().synchronous())
                .as("nor does it matter")
                .containsExactly(SynchronousSet.NONE);
    }

    @Test
    void aTimelineThatAMemberShowsLaterIsWrittenDownForWhenItIsSilentAgain() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").at(9, 900).standby();
        assertThat(scene.decide().facts().maxTimeline()).isEqualTo(9);
    }

    @Test
    void whatWasInForceBeforeTheStatusWasLostStaysListed() {
        Scene scene = Scene.healthy(3);
        scene.facts = scene.facts.withPromotable(List.of()).withSynchronous(List.of(SynchronousSet.NONE));
        scene.member("orders-1").promotable = List.of("orders-1", "orders-2");
        assertThat(scene.decide().facts().promotable()).containsExactly(List.of("orders-1", "orders-2"));
    }

    @Test
    void withEveryVolumeReplacedNothingIsStarted() {
        Scene scene = Scene.healthy(2);
        for (String name : scene.facts.members()) {
            scene.member(name).silentSince(scene.monotonic);
            scene.member(name).claimUid = "new";
        }
        Decision decision = scene.decide();
        assertThat(decision.status().phase()).isEqualTo("Stalled");
        assertThat(decision.status().reason())
                .contains("all copies of the data")
                .contains("restore");
        assertThat(decision.actions()).isEmpty();
        assertThat(decision.status().conditions()).anySatisfy(condition -> {
            assertThat(condition.getType()).isEqualTo("Stalled");
            assertThat(condition.getReason()).isEqualTo("DataLost");
        });
    }

    @Test
    void oneVolumeThatIsStillThereIsWaitedFor() {
        Scene scene = Scene.healthy(2);
        scene.member("orders-1").silentSince(scene.monotonic).claimUid = "new";
        scene.member("orders-2").silentSince(scene.monotonic);
        assertThat(scene.decide().status().phase()).isNotEqualTo("Stalled");
    }

    @Test
    void onEmptyDirALostStatusDoesNotMakeAStandbyPrimaryBesideTheOneThatReigns() {
        Scene scene = Scene.fresh(3);
        scene.facts = scene.decide().facts();
        scene.ownEpoch = 1;
        scene.member("orders-1").standby();
        scene.member("orders-2").primary();
        assertThat(scene.decide().facts().target()).contains("orders-2");
    }

    @Test
    void podsThatRunWithoutAStatusAreTakenUpAndNobodyGetsTheLeaveToInitdb() {
        Scene scene = Scene.healthy(3);
        scene.facts = Facts.NONE;
        scene.orphans.clear();
        scene.member("orders-1").following("orders-2");
        scene.member("orders-2").primary().follower("orders-1", 1000).follower("orders-3", 1000);
        scene.member("orders-3").following("orders-2");
        Decision decision = scene.decide();
        assertThat(decision.facts().initdbMember()).isNull();
        assertThat(decision.facts().members()).containsExactly("orders-1", "orders-2", "orders-3");
        assertThat(scene.settle().facts().primary()).isEqualTo("orders-2");
    }

    @Test
    void whatIsLeftOfADeletedClusterOfTheNameIsWaitedForAndNotTakenUp() {
        Scene scene = Scene.fresh(3);
        MemberScene left = scene.member("orders-2").silentSince(scene.monotonic);
        left.deleting = true;
        left.podCreated = Scene.CREATED.minusSeconds(60);
        Decision decision = scene.decide();
        assertThat(decision.facts().members()).isEmpty();
        assertThat(decision.status().reason())
                .contains("the pods of a deleted cluster of this name to be gone: orders-2", "out-of-service");

        left.pod = false;
        assertThat(scene.decide().facts().initdbMember()).isEqualTo("orders-1");
    }

    private static Scene adopted() {
        Scene scene = Scene.healthy(3);
        scene.facts = new Facts(
                        6,
                        scene.facts.members(),
                        Scene.SYSTEM_ID,
                        null,
                        null,
                        0,
                        null,
                        0,
                        List.of(),
                        List.of(SynchronousSet.NONE),
                        scene.facts.incarnations(),
                        Map.of(),
                        null)
                .withIntent(new Intent(Intent.Kind.Bootstrap, List.of(), null, "taking up", Scene.CREATED));
        scene.ownEpoch = 6;
        scene.member("orders-1").followers.clear();
        return scene;
    }

    private static ClaimView claim(String name, @org.jspecify.annotations.Nullable SystemId systemId, long epoch) {
        return new ClaimView(name, "uid-" + name, systemId, epoch, null, null);
    }
}
