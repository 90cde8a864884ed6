package dev.primacy.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.Replication;
import dev.primacy.operator.decide.Action.AdoptEpoch;
import dev.primacy.operator.decide.Action.Promote;
import dev.primacy.operator.decide.Action.RestartInPlace;
import dev.primacy.operator.decide.Action.Vote;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.Instruction.Verb;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.PodView;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules 2 to 7 and 11: when a failover begins, what it waits for, whom it promotes. */
@SuppressWarnings("NullAway") // a null where a value should be fails the test as well
class FailoverTest {
    private static final Duration NOW = Duration.ofSeconds(1000);

    @Test
    void aTargetThatWasPromotedAndCrashedBeforeThatWasSeenGetsATimelineThatIsReserved() {
        Scene scene = Scene.healthy(3).choosing("orders-2", 2);
        scene.member("orders-1").silentSince(scene.monotonic);
        scene.member("orders-2").voted(scene.monotonic).at(2, 1100);
        Decision decision = scene.decide();
        assertThat(decision.facts().intent().timeline()).isEqualTo(3);
        assertThat(decision.facts().epoch())
                .as("what is still on its way to it has no effect")
                .isEqualTo(7);
    }

    @Test
    void theTimelineOfATargetThatFellSilentMayBeUsed() {
        Scene scene = Scene.healthy(3).choosing("orders-2", 2);
        scene.member("orders-1").silentSince(scene.monotonic);
        scene.member("orders-2").silentSince(scene.monotonic.minusMillis(300));
        scene.facts = scene.decide().facts();
        assertThat(scene.facts.intent().to()).isEqualTo("orders-2");
        assertThat(scene.facts.intent().timeline()).isZero();

        scene.member("orders-2").voted(scene.monotonic);
        assertThat(scene.decide().facts().intent().timeline()).isEqualTo(3);
    }

    @Test
    void anOperatorThatTakesOverDoesNotRelyOnTheTimelineThatAnotherReserved() {
        Scene scene = Scene.healthy(3).choosing("orders-2", 2);
        scene.ownEpoch = 0;
        Facts taken = scene.decide().facts();
        assertThat(taken.intent().to()).isEqualTo("orders-2");
        assertThat(taken.intent().timeline()).isZero();
        assertThat(taken.maxTimeline()).isEqualTo(2);
    }

    @Test
    void aPrimaryThatAnswersIsLeftAlone() {
        assertThat(Scene.healthy(3).decide().facts().intent()).isNull();
    }

    @Test
    void aRunningPrimaryIsSuspectedOnlyAfterMoreThanOneLostProbe() {
        Scene scene = silentPrimary(Duration.ofMillis(2400));
        assertThat(scene.decide().facts().intent()).isNull();
        scene = silentPrimary(Duration.ofMillis(2600));
        Decision decision = scene.decide();
        assertThat(decision.facts().intent().deposed()).containsExactly("orders-1");
        assertThat(decision.facts().intent().to()).isNull();
        assertThat(decision.facts().epoch()).as("rule 1: epoch first").isEqualTo(6);
        assertThat(decision.actions()).as("rule 2: intent first").isEmpty();
    }

    @Test
    void theGapThatClientsSeeBeginsWhenThePrimaryLastAnswered() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").silentSince(scene.monotonic.minusSeconds(4));
        scene.member("orders-2").streaming = false;
        scene.member("orders-3").streaming = false;
        assertThat(scene.decide().facts().intent().since())
                .isEqualTo(scene.now().wall().minusSeconds(4));
    }

    @Test
    void aTerminatedContainerNeedsNoSuspicion() {
        Scene scene = silentPrimary(Duration.ofMillis(100));
        scene.member("orders-1").container =
                new PodView.Container.Terminated("container-orders-1", 137, "OOMKilled", "", Scene.CREATED);
        assertThat(scene.decide().facts().intent()).isNotNull();
    }

    @Test
    void aPrimaryThatAloneHasTheEndOfTheLogAndComesBackIsWaitedFor() {
        Scene scene = silentPrimary(Duration.ofSeconds(1));
        scene.member("orders-1").at(1, 5000).silentSince(NOW.minusSeconds(1)).deleting = true;
        assertThat(scene.decide().facts().intent()).isNull();
        scene.monotonic = NOW.plusSeconds(5);
        assertThat(scene.decide().facts().intent()).isNotNull();
    }

    @Test
    void witnessesDelayAFailoverButNotForEver() {
        Scene scene = silentPrimary(Duration.ofSeconds(5));
        scene.member("orders-2").following("orders-1");
        assertThat(scene.decide().facts().intent()).as("rule 11").isNull();
        scene.monotonic = NOW.plusSeconds(11);
        assertThat(scene.decide().facts().intent()).isNotNull();
    }

    @Test
    void votesAreNotAskedForWhereTheyCannotLeadToANewPrimary() {
        Scene scene = silentPrimary(Duration.ofSeconds(60));
        scene.member("orders-3").silentSince(NOW.minusSeconds(60));
        assertThat(scene.decide().facts().intent())
                .as("one vote of two, and no proof")
                .isNull();
        scene.ended.add("container-orders-1");
        scene.member("orders-1").pod = false;
        assertThat(scene.decide().facts().intent()).as("proof needs no quorum").isNotNull();
    }

    @Test
    void everyStandbyThatAnswersIsAskedForItsVote() {
        Scene scene = silentPrimary(Duration.ofSeconds(10)).failingOver();
        assertThat(scene.decide().actions()).containsExactly(new Vote("orders-2", ""), new Vote("orders-3", ""));
    }

    @Test
    void aVoteIsTheEpochTheEmptyConninfoTheStoppedReceiverAndTheReplayedLog() {
        Scene scene = voted(NOW);
        MemberScene second = scene.member("orders-2");
        second.epoch = 5;
        assertThat(asked(scene)).containsExactly(new Vote("orders-2", ""));
        second.voted(NOW).upstream = "orders-1";
        assertThat(asked(scene)).containsExactly(new Vote("orders-2", ""));
        second.voted(NOW).streaming = true;
        assertThat(asked(scene)).containsExactly(new Vote("orders-2", ""));
        second.voted(NOW).atEnd = false;
        assertThat(asked(scene)).containsExactly(new Vote("orders-2", ""));
    }

    @Test
    void aStandbyThatAnswersAndCannotVoteIsWaitedForBriefly() {
        Scene scene = Scene.synchronous(5, 2);
        scene.member("orders-1").silentSince(NOW.minusSeconds(10));
        scene.failingOver();
        for (int i = 2; i <= 4; i++) {
            scene.member("orders-" + i).voted(NOW.minusSeconds(1));
        }
        assertThat(asked(scene)).containsExactly(new Vote("orders-5", "ANY 2 (nobody)"));
        scene.monotonic = NOW.plusSeconds(3);
        assertThat(scene.decide().facts().target()).isPresent();
    }

    @Test
    void whoseVoteIsNeededIsAskedForItForEver() {
        Scene scene = Scene.synchronous(3, 1).failingOver();
        scene.member("orders-1").standby().epoch = 5;
        scene.member("orders-2").voted(NOW.minusSeconds(100));
        scene.member("orders-3").silentSince(NOW.minusSeconds(100));
        scene.ended.add("container-orders-1");
        scene.member("orders-1").container = new PodView.Container.Running(Scene.CREATED);
        assertThat(asked(scene)).containsExactly(new Vote("orders-1", "ANY 1 (nobody)"));
    }

    @Test
    void byTimeTheOldPrimaryIsFencedOnlyAfterVotesAndGrantsRanOut() {
        Scene scene = voted(NOW);
        scene.member("orders-1").lastGrant = NOW.minusSeconds(3);
        assertThat(scene.decide().facts().target()).isEmpty();
        scene.monotonic = NOW.plusMillis(8_400);
        assertThat(scene.decide().facts().target())
                .as("votes + wal_sender_timeout + loop, query, kill")
                .isEmpty();
        scene.monotonic = NOW.plusMillis(8_500);
        assertThat(scene.decide().facts().target()).contains("orders-2");
    }

    @Test
    void grantsOfAnEarlierLeaderCountFromTheTakeover() {
        Scene scene = voted(NOW.minusSeconds(100));
        scene.leaderSince = NOW;
        scene.monotonic = NOW.plusMillis(9_400);
        assertThat(scene.decide().facts().target()).isEmpty();
        scene.monotonic = NOW.plusMillis(9_500);
        assertThat(scene.decide().facts().target()).isPresent();
    }

    @Test
    void withoutAQuorumOfEverySetThatMayBeInForceTimeProvesNothing() {
        Scene scene = voted(NOW.minusSeconds(500));
        scene.facts = scene.facts.withPromotable(List.of(
                List.of("orders-1", "orders-2", "orders-3"),
                List.of("orders-1", "orders-2", "orders-3", "orders-4", "orders-5")));
        assertThat(scene.decide().facts().target()).isEmpty();
        scene.facts =
                scene.facts.withPromotable(List.of(List.of("orders-1", "orders-2", "orders-3"), List.of("orders-1")));
        assertThat(scene.decide().facts().target())
                .as("alone in P it is never fenced")
                .isEmpty();
    }

    @Test
    void aSetInForceOnAnotherDoesNotHinderTheProof() {
        Scene scene = voted(NOW.minusSeconds(500));
        scene.facts =
                scene.facts.withPromotable(List.of(List.of("orders-1", "orders-2", "orders-3"), List.of("orders-2")));
        assertThat(scene.decide().facts().target()).contains("orders-2");
    }

    @Test
    void theKubeletsReportOfThatVeryContainerIsAProof() {
        Scene scene = voted(NOW);
        scene.ended.add("another");
        assertThat(scene.decide().facts().target()).isEmpty();
        scene.ended.add("container-orders-1");
        scene.member("orders-1").container = new PodView.Container.Waiting("CrashLoopBackOff", "", 3);
        assertThat(scene.decide().facts().target()).contains("orders-2");
    }

    @Test
    void thatThePodIsGoneIsNoProof() {
        Scene scene = voted(NOW);
        scene.member("orders-1").withoutPod();
        assertThat(scene.decide().facts().target()).isEmpty();
    }

    @Test
    void promotedAgainItIsNotKnownByItsFormerContainer() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").containerName = "newer";
        cameBack(scene);
        scene.facts = scene.decide().facts();
        scene.ownEpoch = scene.facts.epoch();
        scene.ended.add("container-orders-1");
        scene.member("orders-1").withoutPod().silentSince(NOW.minusSeconds(7));
        scene.member("orders-2").voted(NOW.minusSeconds(100));
        scene.member("orders-3").voted(NOW.minusSeconds(100));
        scene.facts = scene.decide().facts();
        scene.ownEpoch = scene.facts.epoch();
        scene.member("orders-2").voted(NOW.minusSeconds(100));
        scene.member("orders-3").voted(NOW.minusSeconds(100));
        assertThat(scene.settle().facts().target()).isEmpty();
    }

    @Test
    void theEndOfAnEarlierContainerOfThePrimaryProvesNothingHoweverLateItIsReported() {
        Scene scene = voted(NOW);
        scene.ended.add("an-earlier-container-of-orders-1");
        scene.member("orders-1").withoutPod();
        assertThat(scene.decide().facts().target()).isEmpty();
    }

    @Test
    void theContainerInWhichAPrimaryOfOneStartedAgainIsWrittenDown() {
        Scene scene = Scene.healthy(1);
        scene.member("orders-1").containerName = "newer";
        assertThat(scene.decide().facts().containers().get("orders-1")).isEqualTo("newer");
    }

    @Test
    void inRecoveryUnderTheNewEpochIsAProofOnTheSameVolumeOnly() {
        Scene scene = voted(NOW);
        scene.member("orders-1").voted(NOW).at(1, 900);
        assertThat(scene.decide().facts().target()).contains("orders-2");
        scene.member("orders-1").claimUid = "another";
        assertThat(scene.decide().facts().target()).isEmpty();
    }

    /** The simulation, seeds 54944 and 47996: its next container obeyed the order, or the next on that node when it was on again. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itsDeathIsNoProofWhileAnOrderByTheSecondChannelIsStillToBeObeyed(boolean nodeIsOff) {
        Scene scene = voted(NOW);
        if (nodeIsOff) {
            scene.member("orders-1").nodeState = PodView.NodeState.OUT_OF_SERVICE;
        } else {
            scene.ended.add("container-orders-1");
        }
        int timeline = scene.facts.timeline();
        scene.member("orders-1").instruction = "4-promote-" + (timeline + 1) + " 4 promote " + timeline;
        assertThat(scene.decide().facts().target()).isEmpty();

        scene.member("orders-1").instruction = "4-promote-" + timeline + " 4 promote " + (timeline - 1);
        assertThat(scene.decide().facts().target()).as("it was carried out").contains("orders-2");
    }

    @Test
    void theOutOfServiceTaintIsAProof() {
        Scene scene = voted(NOW);
        scene.member("orders-1").nodeState = PodView.NodeState.UNREACHABLE;
        assertThat(scene.decide().facts().target()).isEmpty();
        scene.member("orders-1").nodeState = PodView.NodeState.OUT_OF_SERVICE;
        assertThat(scene.decide().facts().target()).contains("orders-2");
    }

    /** The simulation, seed 64548: the next silence would count as death. */
    @Test
    void whoRunsOnANodeThatIsVouchedToBeOffIsNotChosen() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").standby().at(1, 1300).nodeState = PodView.NodeState.OUT_OF_SERVICE;
        Decision decision = scene.settle();
        assertThat(decision.facts().intent()).isNotNull();
        assertThat(decision.facts().target()).isEmpty();
        for (String name : scene.facts.members()) {
            scene.member(name).voted(NOW);
        }
        scene.member("orders-1").at(1, 1300);
        decision = scene.settle();
        assertThat(decision.facts().target()).isEmpty();
        assertThat(decision.status().reason())
                .contains("taint node.kubernetes.io/out-of-service of node-orders-1", "orders-1 runs there");

        scene.member("orders-2").at(1, 1300);
        assertThat(scene.decide().facts().target())
                .as("another that has as much")
                .contains("orders-2");

        scene.member("orders-1").nodeState = PodView.NodeState.READY;
        assertThat(scene.decide().facts().target()).contains("orders-1");
    }

    @Test
    void aTargetThatStartedAnewOnANodeThatIsVouchedToBeOffIsNotChosenAgain() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-2").containerName = "newer";
        scene.member("orders-2").nodeState = PodView.NodeState.OUT_OF_SERVICE;
        Decision decision = scene.decide();
        assertThat(decision.facts()).isEqualTo(scene.facts);
        assertThat(decision.actions()).noneMatch(Action.Promote.class::isInstance);

        scene.member("orders-2").nodeState = PodView.NodeState.READY;
        assertThat(scene.settle().actions()).anyMatch(Action.Promote.class::isInstance);
    }

    @Test
    void whoWaitsToBecomeACopyOfALostPrimaryIsAskedForWhatItHas() {
        Scene scene = synchronousFailover(3, 1);
        scene.member("orders-2").voted(NOW).at(1, 1200);
        MemberScene waiting = scene.member("orders-3").refusing(NOW.minusSeconds(6));
        assertThat(scene.decide().actions()).isEmpty();
        waiting.instruction = "5-1-4b0 5 rewind orders-1-0.orders-members.shop.svc";
        assertThat(scene.decide().actions())
                .containsExactly(new Action.Instruct("orders-3", new Instruction("6-start", 6, Verb.RESTART, "")));
    }

    /** The simulation, seed 61732: the primary's volume was lost, and all who had the data waited to copy it. */
    @Test
    void whoeverWaitsToBecomeACopyOfALostPrimaryIsAskedForWhatItHasWhereNobodyElseCanSucceed() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").silentSince(NOW.minusSeconds(60));
        for (String name : List.of("orders-2", "orders-3")) {
            scene.member(name).refusing(NOW.minusSeconds(6)).instruction =
                    "5-1-4b0 5 rewind orders-1-0.orders-members.shop.svc";
        }
        Instruction start = new Instruction("5-start", 5, Verb.RESTART, "");
        assertThat(scene.decide().actions())
                .contains(new Action.Instruct("orders-2", start), new Action.Instruct("orders-3", start));
    }

    @Test
    void synchronousVotesNeedNoWait() {
        Scene scene = synchronousFailover(3, 1);
        scene.member("orders-2").voted(NOW).at(1, 1200);
        scene.member("orders-3").silentSince(NOW);
        assertThat(scene.decide().facts().target()).as("one of two").isEmpty();
        scene.member("orders-3").voted(NOW).at(1, 1300);
        assertThat(scene.decide().facts().target()).contains("orders-3");
    }

    /** The old primary may have sent the others more than the voters have, and be sending still. */
    @Test
    void aNewPrimarysCommitsWaitForWhoVoted() {
        Scene scene = synchronousFailover(3, 2);
        scene.member("orders-2").voted(NOW).at(1, 1200);
        scene.member("orders-3").at(1, 1300).silentSince(NOW.minusSeconds(5));
        Facts chosen = scene.decide().facts();
        assertThat(chosen.target()).contains("orders-2");
        assertThat(chosen.synchronous()).endsWith(new SynchronousSet(List.of(), 2));

        scene.member("orders-3").voted(NOW);
        chosen = scene.decide().facts();
        assertThat(chosen.target()).contains("orders-3");
        assertThat(chosen.synchronous()).endsWith(new SynchronousSet(List.of("orders-2"), 2));
    }

    /** PostgreSQL would believe what it says of its own log (the simulation, seed 2883: a commit was acknowledged by it). */
    @Test
    void aNewPrimarysCommitsDoNotWaitForAnOldOneThatWroteOn() {
        Scene scene = synchronousFailover(3, 1);
        scene.member("orders-2").voted(NOW).at(1, 1200);
        scene.member("orders-3").voted(NOW).at(1, 1200);
        scene.facts = scene.decide().facts();
        assertThat(scene.facts.target()).contains("orders-2");

        scene.member("orders-1").voted(NOW).at(1, 1201);
        assertThat(promotion(scene).synchronousStandbyNames()).isEqualTo("ANY 1 (\"orders-3\")");
        scene.member("orders-1").at(1, 1200);
        assertThat(promotion(scene).synchronousStandbyNames()).isEqualTo("ANY 1 (\"orders-1\", \"orders-3\")");
    }

    private static Promote promotion(Scene scene) {
        return scene.settle().actions().stream()
                .flatMap(action -> action instanceof Promote promote ? Stream.of(promote) : Stream.empty())
                .findFirst()
                .orElseThrow();
    }

    /** Nobody has more than it. */
    @Test
    void whoIsPromotedAgainBeginsWithAllThatFollowed() {
        Scene scene = Scene.synchronous(3, 1);
        Facts chosen = cameBack(scene).settle().facts();
        assertThat(chosen.target()).contains("orders-1");
        assertThat(chosen.synchronous()).containsExactly(new SynchronousSet(List.of("orders-2", "orders-3"), 1));
    }

    /** It is only this operator that has not seen them. */
    @Test
    void whoIsPromotedAgainBeginsWithThoseForWhomItsCommitsWaited() {
        Scene scene = Scene.synchronous(3, 1);
        for (String standby : List.of("orders-2", "orders-3")) {
            scene.member(standby).at(1, 1000).looked = false;
        }
        assertThat(cameBack(scene).settle().facts().synchronous())
                .containsExactly(new SynchronousSet(List.of("orders-2", "orders-3"), 1));

        scene.member("orders-1").synchronous = "ANY 1 (nobody)";
        assertThat(scene.settle().facts().synchronous()).endsWith(new SynchronousSet(List.of(), 1));
    }

    @Test
    void asManyVotesAreAskedAsCommitsWillWait() {
        Scene scene = synchronousFailover(3, 2);
        assertThat(scene.decide().actions())
                .contains(new Vote("orders-2", "ANY 2 (nobody)"), new Vote("orders-3", "ANY 2 (nobody)"));
    }

    @Test
    void aWeakerSetThatMayBeInForceCounts() {
        Scene scene = synchronousFailover(3, 1);
        scene.facts = scene.facts.withSynchronous(
                List.of(SynchronousSet.NONE, scene.facts.synchronous().getFirst()));
        scene.member("orders-2").voted(NOW);
        scene.member("orders-3").voted(NOW);
        assertThat(scene.decide().facts().target()).isEmpty();
    }

    /** A switchover's target, whose primary was lost before it had stopped (the simulation, with nodes that stay lost: seed 257). */
    @Test
    void forWhomItWouldHaveWaitedHoldsUpNothingOnceItHasVotedItself() {
        Scene scene = synchronousFailover(3, 1);
        scene.facts = scene.facts
                .withSynchronous(
                        Listed.with(scene.facts.synchronous(), new SynchronousSet(List.of("orders-1", "orders-3"), 1)))
                .withIntent(new Intent(
                        Intent.Kind.Failover, List.of("orders-1", "orders-2"), null, "a planned stop", Scene.CREATED));
        scene.member("orders-2").voted(NOW).at(1, 1001);
        scene.member("orders-3").voted(NOW);
        scene.member("orders-2").claimUid = "another";
        assertThat(scene.decide().facts().target())
                .as("what it acknowledged was on its former volume")
                .isEmpty();

        scene.member("orders-2").claimUid = "claim-orders-2";
        assertThat(scene.decide().facts().target()).contains("orders-2");

        scene.member("orders-3").silentSince(NOW);
        assertThat(scene.decide().facts().target())
                .as("it does not speak for the old primary")
                .isEmpty();
    }

    @Test
    void underRequiredDurabilityAFencedPrimaryIsNotEnough() {
        Scene scene = synchronousFailover(3, 1);
        scene.member("orders-2").voted(NOW);
        scene.member("orders-3").silentSince(NOW);
        scene.member("orders-1").pod = false;
        scene.ended.add("container-orders-1");
        assertThat(scene.decide().facts().target()).isEmpty();
        assertThat(scene.decide().status().reason()).contains("every acknowledged commit");

        scene.facts = scene.facts.withSynchronous(List.of(SynchronousSet.NONE, new SynchronousSet(List.of(), 1)));
        assertThat(scene.decide().facts().target())
                .as("nor where it is not known for whom they waited")
                .isEmpty();

        scene.replication = new Replication(Replication.Mode.Synchronous, 1, Replication.Durability.Preferred, null);
        assertThat(scene.decide().facts().target()).contains("orders-2");
    }

    @Test
    void withTheVotesOfEverybodyNoCommitCanBeMissing() {
        Scene scene = Scene.synchronous(2, 1).failingOver();
        scene.facts = scene.facts.withSynchronous(
                List.of(SynchronousSet.NONE, scene.facts.synchronous().getFirst()));
        scene.facts = new dev.primacy.operator.model.Facts(
                6,
                scene.facts.members(),
                Scene.SYSTEM_ID,
                null,
                null,
                0,
                scene.facts.intent(),
                1,
                scene.facts.promotable(),
                scene.facts.synchronous(),
                scene.facts.incarnations(),
                scene.facts.containers(),
                null);
        scene.member("orders-1").voted(NOW);
        scene.member("orders-2").voted(NOW);
        assertThat(scene.decide().facts().target()).isPresent();
    }

    @Test
    void theFurthestVoterIsChosenTimelineFirst() {
        Scene scene = voted(NOW.minusSeconds(100));
        scene.member("orders-2").at(1, 9000);
        scene.member("orders-3").at(2, 100);
        Decision decision = scene.decide();
        assertThat(decision.facts().target()).contains("orders-3");
        assertThat(decision.facts().intent().timeline()).isEqualTo(3);
        assertThat(decision.facts().promotable()).contains(List.of("orders-3"));
    }

    @Test
    void theEventOfTheChoiceSaysWhatProvesIt() {
        assertThat(voted(NOW.minusSeconds(100)).decide().events())
                .singleElement()
                .satisfies(event -> assertThat(event.message())
                        .contains("orders-1 is no primary any more: its leave to write has run out"));
        Scene ended = voted(NOW.minusSeconds(1));
        ended.ended.add("container-orders-1");
        assertThat(ended.decide().events())
                .singleElement()
                .satisfies(event -> assertThat(event.message())
                        .contains("orders-1 is no primary any more: the kubelet reported the end of its container"));
    }

    @Test
    void theGapOfACrashBeginsWhenThePrimaryWasLastSeenAsOne() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").standby().lastGrant = scene.monotonic.minusMillis(1_400);
        assertThat(scene.decide().facts().intent().since())
                .isEqualTo(scene.now().wall().minusMillis(1_400));
    }

    @Test
    void timelinesOnceReservedAreNeverUsedAgain() {
        Scene scene = voted(NOW.minusSeconds(100));
        scene.facts = new dev.primacy.operator.model.Facts(
                6,
                scene.facts.members(),
                Scene.SYSTEM_ID,
                "orders-1",
                "orders-1",
                1,
                scene.facts.intent(),
                7,
                scene.facts.promotable(),
                scene.facts.synchronous(),
                scene.facts.incarnations(),
                scene.facts.containers(),
                scene.facts.restart());
        assertThat(scene.settle().actions())
                .contains(new Promote("orders-2", "container-orders-2", 7, "", List.of("orders-2")));
    }

    @Test
    void aMemberThatIsBeingRemovedHasNoVote() {
        Scene scene = voted(NOW.minusSeconds(100));
        scene.member("orders-9").voted(NOW.minusSeconds(100)).at(9, 9000);
        assertThat(scene.decide().facts().target()).contains("orders-2");
    }

    @Test
    void whatThePromotionPutsInForceIsListedBefore() {
        Scene scene = Scene.synchronous(3, 1);
        scene.member("orders-1").silentSince(NOW.minusSeconds(5));
        scene.choosing("orders-2", 2);
        scene.member("orders-2").voted(NOW);
        scene.member("orders-3").voted(NOW);
        scene.replication = new Replication(Replication.Mode.Asynchronous, 1, Replication.Durability.Required, null);
        assertThat(scene.decide().facts().synchronous()).contains(SynchronousSet.NONE);
        assertThat(scene.decide().actions()).isEmpty();
    }

    @Test
    void aFalseAlarmIsCalledOff() {
        Scene scene = voted(NOW);
        scene.member("orders-1").primary();
        Decision decision = scene.decide();
        assertThat(decision.facts().intent()).isNull();
        assertThat(decision.facts().primary()).isEqualTo("orders-1");
    }

    @Test
    void aFailoverIsNotCalledOffWhenAnotherMayHaveBeenPromoted() {
        Scene scene = voted(NOW);
        scene.facts = scene.facts.withIntent(new Intent(
                Intent.Kind.Failover, List.of("orders-1", "orders-2"), null, "orders-2 fell silent", Scene.CREATED));
        scene.member("orders-2").silentSince(NOW);
        scene.member("orders-1").primary();
        assertThat(scene.decide().facts().intent()).isNotNull();
        assertThat(scene.decide().actions()).containsExactly(new RestartInPlace("orders-1", false));
    }

    @Test
    void anOldPrimaryThatReturnsIsStoppedOnceAnotherIsChosen() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-1").primary();
        assertThat(scene.decide().actions()).containsExactly(new RestartInPlace("orders-1", false));
    }

    @Test
    void aPrimaryThatCameBackInRecoveryIsPromotedAgainOnceItHasTakenUpTheEpoch() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").standby().since = scene.monotonic;
        Decision decision = scene.settle();
        assertThat(decision.facts().epoch()).isEqualTo(6);
        assertThat(decision.facts().target()).isEmpty();
        assertThat(decision.actions()).as("nobody is asked for a vote").containsExactly(new AdoptEpoch("orders-1"));

        scene.member("orders-1").epoch = 6;
        decision = scene.settle();
        assertThat(decision.facts().target()).contains("orders-1");
        assertThat(decision.facts().epoch()).isEqualTo(6);
        assertThat(decision.actions())
                .containsExactly(new Promote("orders-1", "container-orders-1", 1, "", List.of("orders-1")));
    }

    /** Rule 13: the epoch is a write. */
    @Test
    void aPrimaryThatCameBackOnAFullDiskIsPassedOver() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").standby().since = scene.monotonic;
        scene.settle();
        scene.monotonic = scene.monotonic.plusSeconds(3);
        assertThat(scene.decide().actions()).contains(new Vote("orders-2", ""), new Vote("orders-3", ""));

        scene.member("orders-2").voted(scene.monotonic);
        scene.member("orders-3").voted(scene.monotonic);
        scene.monotonic = scene.monotonic.plusSeconds(20);
        assertThat(scene.decide().facts().target()).contains("orders-2");
    }

    /** The primary crashed, and PostgreSQL is there again and has taken up the epoch. */
    private static Scene cameBack(Scene scene) {
        scene.member("orders-1").standby().since = scene.monotonic;
        scene.settle();
        scene.member("orders-1").epoch = scene.facts.epoch();
        return scene;
    }

    @Test
    void onAnotherVolumeItIsNotThePrimaryThatCameBack() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").standby().claimUid = "another";
        assertThat(scene.decide().facts().target()).isEmpty();
    }

    @Test
    void behindAnotherItIsNotPromotedBlindly() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").standby().at(1, 900);
        assertThat(scene.decide().facts().target()).isEmpty();
        assertThat(scene.decide().facts().intent().kind()).isEqualTo(Intent.Kind.Failover);
    }

    @Test
    void aTargetThatFallsSilentMayBePrimaryAndIsDeposedToo() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-2").silentSince(NOW.minusSeconds(7));
        Decision decision = scene.decide();
        assertThat(decision.facts().intent().deposed()).containsExactly("orders-1", "orders-2");
        assertThat(decision.facts().epoch()).isEqualTo(7);
        scene.settle();
        scene.monotonic = NOW.plusSeconds(100);
        scene.member("orders-3").voted(NOW);
        assertThat(scene.settle().facts().target())
                .as("promoted alone in P it is never fenced, so time proves nothing")
                .isEmpty();
    }

    @Test
    void theEndOfTheContainerForWhichATargetWasChosenProvesThatItIsNotPrimary() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-2").withoutPod().silentSince(NOW.minusSeconds(7));
        scene.settle();
        scene.member("orders-3").voted(NOW);
        scene.ended.add("container-orders-1");
        assertThat(scene.settle().facts().target()).isEmpty();
        scene.ended.add("container-orders-2");
        assertThat(scene.settle().facts().target()).contains("orders-3");
    }

    @Test
    void inAnotherContainerATargetIsChosenAnewSinceTheFirstOrderHasNoEffectThere() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-2").containerName = "newer";
        Decision decision = scene.decide();
        assertThat(decision.facts().target()).contains("orders-2");
        assertThat(decision.facts().epoch()).isEqualTo(7);
        assertThat(decision.facts().containers()).containsEntry("orders-2", "newer");
    }

    @Test
    void onAnotherVolumeATargetIsNotTheOneThatWasChosen() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-2").claimUid = "another";
        Decision decision = scene.decide();
        assertThat(decision.facts().target()).isEmpty();
        assertThat(decision.facts().intent().deposed()).containsExactly("orders-1", "orders-2");
    }

    @Test
    void whatAStatusThatIsOlderThanItsMembersSaysOfContainersIsForgotten() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").epoch = 9;
        assertThat(scene.decide().facts().containers()).isEmpty();
    }

    @Test
    void aPrimaryWhoseRecoveryLetsNobodyInIsPromotedByItsScriptWhereNobodyCanTakeItsPlace() {
        Scene scene = Scene.healthy(2);
        scene.monotonic = NOW;
        scene.member("orders-2").silentSince(NOW.minusSeconds(100));
        scene.member("orders-1").startingSince(NOW.minusSeconds(29));
        assertThat(scene.settle().facts().intent()).isNull();

        scene.member("orders-1").startingSince(NOW.minusSeconds(31));
        assertThat(scene.settle().actions())
                .containsExactly(new Action.Instruct("orders-1", new Instruction("6-promote-2", 6, Verb.PROMOTE, "1")));
        assertThat(scene.facts.containers()).as("who knows in which").doesNotContainKey("orders-1");

        scene.member("orders-1").instruction = "6-promote-2 6 promote 1";
        assertThat(scene.decide().actions()).as("once").isEmpty();
        scene.monotonic = NOW.plusSeconds(121);
        assertThat(scene.settle().actions())
                .as("and, if nothing came of it, again for another timeline")
                .containsExactly(new Action.Instruct("orders-1", new Instruction("7-promote-3", 7, Verb.PROMOTE, "2")));
    }

    @Test
    void itIsAlsoWhatIsLeftWhenAnElectionGetsStuckUnlessATargetMayHaveReigned() {
        Scene scene = Scene.synchronous(3, 1).failingOver();
        scene.monotonic = NOW;
        scene.facts = scene.facts.withIntent(new Intent(
                Intent.Kind.Failover, List.of("orders-1", "orders-2"), null, "a planned stop", Scene.CREATED));
        scene.member("orders-1").startingSince(NOW.minusSeconds(31));
        scene.member("orders-2").voted(NOW);
        scene.member("orders-3").silentSince(NOW.minusSeconds(100));
        assertThat(scene.decide().facts().target()).contains("orders-1");
        scene.member("orders-2").at(2, 1200);
        assertThat(scene.decide().facts().target()).isEmpty();
    }

    @Test
    void whereAnotherCanTakeItsPlaceThatOneIsPromoted() {
        Scene scene = Scene.healthy(3);
        scene.monotonic = NOW;
        scene.member("orders-1").startingSince(NOW.minusSeconds(31));
        assertThat(scene.settle().actions()).isNotEmpty().allMatch(Vote.class::isInstance);
    }

    @Test
    void anotherVolumesRecoveryIsNotEndedByTheScript() {
        Scene scene = Scene.healthy(2);
        scene.monotonic = NOW;
        scene.member("orders-2").silentSince(NOW.minusSeconds(100));
        scene.member("orders-1").startingSince(NOW.minusSeconds(100)).claimUid = "another";
        assertThat(scene.settle().actions()).noneMatch(Action.Instruct.class::isInstance);
    }

    @Test
    void aTargetThatIsStillReplayingMayYetBePromotedByAnEarlierOrder() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-2").silentSince(NOW.minusSeconds(7));
        scene.settle();
        scene.ended.add("container-orders-1");
        scene.member("orders-3").voted(NOW);
        scene.member("orders-2").standby().epoch = 7;
        scene.member("orders-2").atEnd = false;
        scene.monotonic = NOW.plusSeconds(100);
        assertThat(scene.settle().facts().target()).isEmpty();
        scene.member("orders-2").atEnd = true;
        assertThat(scene.settle().facts().target()).isPresent();
    }

    /** Seed 8927, with promotions of up to a minute. */
    @Test
    void soMayAPrimaryThatCrashedAndWasToldToBePromotedAgain() {
        Scene scene = voted(NOW).choosing("orders-1", 2);
        scene.member("orders-1").silentSince(NOW.minusSeconds(7));
        scene.settle();
        scene.member("orders-2").voted(NOW);
        scene.member("orders-3").voted(NOW);
        scene.member("orders-1").voted(NOW).at(1, 900);
        scene.member("orders-1").atEnd = false;
        scene.monotonic = NOW.plusSeconds(100);
        assertThat(scene.settle().facts().target()).isEmpty();
        scene.member("orders-1").atEnd = true;
        assertThat(scene.settle().facts().target()).isPresent();
    }

    @Test
    void aPrimaryThatTheIntentDoesNotKnowOfIsDeposedTooBeforeAnybodyIsPromoted() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-3").primary().at(2, 1200);
        Decision decision = scene.decide();
        assertThat(decision.facts().intent().deposed()).containsExactly("orders-1", "orders-3");
        assertThat(scene.settle().actions()).containsExactly(new RestartInPlace("orders-3", false));
    }

    @Test
    void whoReignsWhereTheStatusIsOlderStaysPrimary() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").following("orders-3").at(2, 1200);
        scene.member("orders-2").following("orders-3").at(2, 1200);
        scene.member("orders-3")
                .primary()
                .at(2, 1200)
                .follower("orders-1", 1200)
                .follower("orders-2", 1200);
        scene.member("orders-3").epoch = 9;
        assertThat(scene.settle().facts().primary()).isEqualTo("orders-3");
    }

    @Test
    void whereTheStatusIsOlderWhoIsSilentMayReign() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").silentSince(NOW.minusSeconds(100));
        scene.member("orders-1").following("orders-3").at(2, 1200).epoch = 9;
        scene.member("orders-2").following("orders-3").at(2, 1200).epoch = 9;
        scene.monotonic = NOW;
        Decision asking = scene.decide();
        assertThat(asking.events()).extracting(Event::reason).containsExactly("StatusRestored");
        assertThat(asking.facts().epoch()).isGreaterThan(9);
        Decision waiting = scene.settle();
        assertThat(waiting.actions()).isEmpty();
        assertThat(waiting.status().reason()).contains("every member with retained data", "orders-3");
    }

    @Test
    void aClaimThatSawANewerEpochTellsThatTheStatusIsOlder() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").claimEpoch = 9;
        assertThat(scene.decide().facts().epoch()).isGreaterThan(9);
        assertThat(scene.decide().facts().intent().kind()).isEqualTo(Intent.Kind.Bootstrap);
    }

    @Test
    void whoThawsAndStillSeesItsFollowersDoesNotReign() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").silentSince(scene.monotonic);
        scene.member("orders-3")
                .primary()
                .at(1, 1200)
                .follower("orders-1", 1200)
                .follower("orders-2", 1200);
        scene.member("orders-3").epoch = 4;
        assertThat(scene.settle().facts().primary()).isEqualTo("orders-1");
    }

    @Test
    void aLongRecoveryIsNotWaitedForWhereTheVotersHoldEveryCommit() {
        Scene asynchronous = Scene.healthy(3);
        asynchronous.member("orders-1").silentSince(NOW.minusSeconds(4)).starting();
        assertThat(asynchronous.decide().facts().intent()).isNull();

        Scene synchronous = Scene.synchronous(3, 1);
        synchronous.member("orders-1").silentSince(NOW.minusSeconds(4)).starting();
        synchronous.member("orders-2").streaming = false;
        synchronous.member("orders-3").streaming = false;
        assertThat(synchronous.decide().facts().intent()).isNotNull();
    }

    @Test
    void promotionIsRepeatedUntilItIsSeen() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        assertThat(scene.decide().actions())
                .as("and clients are sent there with it: nobody else is primary")
                .containsExactly(
                        new Promote("orders-2", "container-orders-2", 1, "", List.of("orders-2")),
                        new Action.Route("orders-2", "orders-1"),
                        new Action.CreateSlot("orders-2", "orders_1"),
                        new Action.CreateSlot("orders-2", "orders_3"));
        scene.member("orders-2").primary().at(2, 1000).forkedFrom(1, 1000);
        Decision crowned = scene.decide();
        assertThat(crowned.facts().primary()).isEqualTo("orders-2");
        assertThat(crowned.status().lastFailover().from()).isEqualTo("orders-1");
        assertThat(crowned.events()).extracting(Event::reason).containsExactly("FailedOver");
    }

    @Test
    void howMuchIsLostIsKnownOnceTheFormerPrimaryShowsWhereItsLogEnds() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-2").primary().at(2, 1000).forkedFrom(1, 1000);
        Decision crowned = scene.decide();
        assertThat(crowned.status().lastFailover().lostBytes())
                .as("what it wrote since it was seen last nobody knows")
                .isEqualTo("unknown");

        scene.facts = crowned.facts();
        scene.status = crowned.status();
        scene.member("orders-1").voted(NOW).at(1, 1040);
        scene.member("orders-1").atEnd = false;
        assertThat(scene.decide().status().lastFailover().lostBytes()).isEqualTo("unknown");
        scene.member("orders-1").atEnd = true;
        assertThat(scene.decide().status().lastFailover().lostBytes()).isEqualTo("40");
    }

    private static List<Action> asked(Scene scene) {
        return scene.decide().actions();
    }

    private static Scene silentPrimary(Duration silence) {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").silentSince(NOW.minus(silence));
        scene.member("orders-2").streaming = false;
        scene.member("orders-3").streaming = false;
        return scene;
    }

    @Test
    void aTargetThatWasSeenAsPrimaryBeforeItsReignEndedIsLookedAtAgain() {
        Scene scene = voted(NOW).choosing("orders-2", 2);
        scene.member("orders-2").primary().epoch = 3;
        assertThat(scene.decide().actions()).containsExactly(new Action.AdoptEpoch("orders-2"));
        scene.member("orders-2").at(2, 1000);
        assertThat(scene.decide().facts().primary())
                .as("a later timeline is a later reign")
                .isEqualTo("orders-2");
    }

    /** Seed 9626: it was the choice, and in the next pass another volume than the recorded one, for ever. */
    @Test
    void theVolumeOfTheChosenIsWrittenDown() {
        Scene scene = voted(NOW.minusSeconds(20));
        scene.member("orders-2").claimUid = "made anew";
        scene.member("orders-2").at(1, 1001);
        assertThat(scene.decide().facts().target()).contains("orders-2");
        assertThat(scene.decide().facts().incarnations()).containsEntry("orders-2", "made anew");
    }

    private static Scene voted(Duration seen) {
        Scene scene = silentPrimary(Duration.ofSeconds(10)).failingOver();
        scene.member("orders-2").voted(seen);
        scene.member("orders-3").voted(seen);
        return scene;
    }

    /** Seed 7164: it was another container, whose end was then taken for that of the one in which it reigned by now. */
    @Test
    void whatWasSeenBeforeAnotherLedIsNoReasonToChooseAndNotWrittenDown() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").standby().epoch = 4;
        scene.member("orders-1").containerName = "container-of-before";
        Decision decision = scene.decide();
        assertThat(decision.facts().target()).isEmpty();
        assertThat(decision.facts().containers()).isEqualTo(scene.facts.containers());

        assertThat(cameBack(scene).decide().facts().target()).contains("orders-1");
    }

    @Test
    void aTargetIsChosenAnewOnlyInAContainerThatItShowsUnderThisEpoch() {
        Scene scene = Scene.healthy(3).failingOver();
        scene.choosing("orders-2", 0);
        scene.member("orders-1").silentSince(scene.monotonic.minusSeconds(5));
        scene.member("orders-2").standby().epoch = scene.facts.epoch() - 1;
        Decision decision = scene.decide();
        assertThat(decision.facts()).isEqualTo(scene.facts);
        assertThat(decision.actions()).containsExactly(new Action.AdoptEpoch("orders-2"));

        scene.member("orders-2").epoch = scene.facts.epoch();
        assertThat(scene.decide().facts().intent().timeline()).isPositive();
    }

    private static Scene synchronousFailover(int instances, int number) {
        Scene scene = Scene.synchronous(instances, number);
        scene.member("orders-1").silentSince(NOW.minusSeconds(5));
        return scene.failingOver();
    }
}
