package dev.primacy.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.decide.Action.AdoptEpoch;
import dev.primacy.operator.decide.Action.ConsumeRequest;
import dev.primacy.operator.decide.Action.Promote;
import dev.primacy.operator.decide.Action.RestartInPlace;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.PodView;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules 9c and 12. */
@SuppressWarnings("NullAway") // a null where a value should be fails the test as well
class SwitchoverTest {
    private static final Duration NOW = Duration.ofSeconds(1000);

    @Test
    void aRequestNamesTheTargetUnderANewEpoch() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("switchover", "orders-3");
        Decision decision = scene.decide();
        assertThat(decision.facts().intent().kind()).isEqualTo(Kind.Switchover);
        assertThat(decision.facts().target()).contains("orders-3");
        assertThat(decision.facts().intent().timeline()).isEqualTo(2);
        assertThat(decision.facts().epoch()).isEqualTo(6);
        assertThat(decision.status().phase()).isEqualTo("Switching over");
    }

    /** The simulation, seed 45516: it had just been cloned. When it fell silent, nothing could prove any more that it was not promoted. */
    @Test
    void theVolumeOfTheTargetIsWrittenDownWithTheChoice() {
        Scene scene = Scene.healthy(2);
        scene.facts = scene.facts.withIncarnation("orders-2", null);
        scene.member("orders-2").epoch = 4;
        scene.requests.put("switchover", "orders-2");
        Decision decision = scene.decide();
        assertThat(decision.facts().target()).contains("orders-2");
        assertThat(decision.facts().incarnations()).containsEntry("orders-2", "claim-orders-2");
    }

    @Test
    void withoutANameTheLeastLaggingIsTaken() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").at(1, 2000).follower("orders-2", 1500).follower("orders-3", 1900);
        scene.requests.put("switchover", "");
        assertThat(scene.decide().facts().target()).contains("orders-3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "orders-1 | is the primary already",
                "orders-7 | there is no member 'orders-7'; the members are orders-1, orders-2, orders-3",
                "orders-2 | orders-2 lags 20000000 bytes behind, more than the limit of 16777216",
                "orders-3 | orders-3 does not stream from orders-1"
            })
    void whatIsUnsafeIsRefusedWithTheReasonAndConsumed(String target, String reason) {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1")
                .at(1, 20_001_000)
                .follower("orders-2", 1000)
                .followers
                .removeIf(follower -> follower.member().equals("orders-3"));
        scene.requests.put("switchover", target);
        Decision decision = scene.decide();
        assertThat(decision.facts().intent()).isNull();
        assertThat(decision.actions()).contains(new ConsumeRequest("switchover"));
        assertThat(decision.events()).anySatisfy(event -> {
            assertThat(event.reason()).isEqualTo("SwitchoverRefused");
            assertThat(event.message()).contains(reason);
        });
    }

    @Test
    void theOldPrimaryIsStoppedThenTheTargetPromotedOnceItHasAll() {
        Scene scene = begun();
        assertThat(scene.decide().actions())
                .as("and the request, once taken up, is not carried out twice")
                .containsExactly(
                        new RestartInPlace("orders-1", false),
                        new AdoptEpoch("orders-2"),
                        new AdoptEpoch("orders-3"),
                        new ConsumeRequest("switchover"));

        scene.member("orders-1").silentSince(NOW);
        assertThat(scene.decide().actions()).isEmpty();

        scene.member("orders-1").standby().at(1, 1100);
        assertThat(scene.decide().actions())
                .as("in recovery, but an earlier operator could still promote it")
                .containsExactly(new AdoptEpoch("orders-1"));

        scene.member("orders-1").epoch = 6;
        scene.member("orders-1").since = NOW;
        assertThat(scene.decide().actions()).as("the target lacks 100 bytes").isEmpty();

        scene.member("orders-2").at(1, 1100);
        assertThat(scene.decide().actions()).first().isInstanceOf(Promote.class);
    }

    /** It would name a standby that strayed since, and PostgreSQL believes such a one (rule 4). */
    @Test
    void whomATargetWaitedForInAnEarlierReignDoesNotCount() {
        Scene scene = Scene.synchronous(3, 1);
        scene.member("orders-2").synchronous = "ANY 1 (\"orders-1\",\"orders-3\")";
        scene.member("orders-3").silentSince(NOW).lastPosition = null;
        scene.requests.put("switchover", "orders-2");
        assertThat(scene.settle().facts().synchronous())
                .contains(new SynchronousSet(List.of("orders-1"), 1))
                .doesNotContain(new SynchronousSet(List.of("orders-1", "orders-3"), 1));
    }

    @Test
    void aTargetThatLacksTheEndIsGivenUpForTheOldPrimary() {
        Scene scene = begun();
        scene.member("orders-1").standby().at(1, 1100).epoch = 6;
        scene.member("orders-1").since = NOW.minusSeconds(3);
        Decision decision = scene.decide();
        assertThat(decision.facts().target()).contains("orders-1");
        assertThat(decision.facts().intent().timeline()).isEqualTo(3);
        assertThat(scene.settle().actions()).hasSize(1).first().isInstanceOf(Promote.class);
    }

    /** On a full disk not even the epoch can be written, without which nobody is asked to stop. */
    @Test
    void aPrimaryThatDoesNotStopStaysPrimary() {
        Scene scene = begun();
        scene.monotonic = NOW.plusSeconds(30);
        assertThat(scene.decide().facts().intent()).as("within half a minute").isNotNull();
        scene.monotonic = NOW.plusSeconds(31);
        Decision decision = scene.decide();
        assertThat(decision.facts().intent()).isNull();
        assertThat(decision.facts().primary()).isEqualTo("orders-1");
        assertThat(decision.events()).extracting(Event::reason).containsExactly("SwitchoverAbandoned");
    }

    @Test
    void nobodyIsStoppedForATargetThatFellSilent() {
        Scene scene = begun();
        scene.member("orders-2").silentSince(NOW.minusSeconds(3));
        Decision decision = scene.decide();
        assertThat(decision.facts().intent()).isNull();
        assertThat(decision.facts().primary()).isEqualTo("orders-1");
        assertThat(decision.events()).extracting(Event::reason).containsExactly("SwitchoverAbandoned");
    }

    @Test
    void anOldPrimaryThatDoesNotComeBackMakesItAFailover() {
        Scene scene = begun();
        scene.member("orders-1").silentSince(NOW.minusSeconds(11));
        Decision decision = scene.decide();
        assertThat(decision.facts().intent().kind()).isEqualTo(Kind.Failover);
        assertThat(decision.facts().intent().deposed())
                .as("the target's promotion may be on its way")
                .containsExactly("orders-1", "orders-2");
        assertThat(decision.facts().epoch()).isEqualTo(7);
    }

    @Test
    void whereTheOldPrimarysLogEndsIsKnownOnlyOnceItHasReplayedIt() {
        Scene scene = begun();
        scene.member("orders-1").standby().epoch = 6;
        scene.member("orders-1").atEnd = false;
        scene.member("orders-1").since = scene.monotonic.minusSeconds(1);
        assertThat(scene.decide().actions()).isEmpty();
        scene.member("orders-1").since = scene.monotonic.minusSeconds(3);
        assertThat(scene.decide().actions())
                .as("somebody paused the replay (seed 2805)")
                .containsExactly(new Action.Vote("orders-1", ""));
        scene.member("orders-1").atEnd = true;
        assertThat(scene.decide().actions()).first().isInstanceOf(Promote.class);
    }

    @Test
    void aTargetThatHasNotReplayedWhatItReceivedIsNoTarget() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").at(1, 20_001_000).follower("orders-2", 20_001_000, 1000);
        scene.requests.put("switchover", "orders-2");
        assertThat(scene.decide().events()).extracting(Event::reason).contains("SwitchoverRefused");
    }

    @Test
    void aTargetThatAnswersAndIsNotPromotedIsGivenUpForAnother() {
        Scene scene = begun();
        scene.member("orders-1").standby().epoch = 6;
        assertThat(scene.decide().actions()).first().isInstanceOf(Promote.class);
        scene.monotonic = scene.monotonic.plusSeconds(31);
        Decision decision = scene.decide();
        assertThat(decision.facts().intent().kind()).isEqualTo(Kind.Failover);
        assertThat(decision.facts().intent().deposed()).containsExactly("orders-1", "orders-2");
    }

    @Test
    void aClockThatWasSetBackDoesNotMakeThatWaitForAnHour() {
        Scene scene = begun();
        scene.member("orders-1").standby().epoch = 6;
        Intent intent = scene.facts.intent();
        scene.facts = scene.facts.withIntent(intent.choosing(
                "orders-2", intent.timeline(), scene.now().wall().plusSeconds(20)));
        assertThat(scene.decide().actions())
                .as("the clocks of two operators differ")
                .first()
                .isInstanceOf(Promote.class);
        scene.facts = scene.facts.withIntent(intent.choosing(
                "orders-2", intent.timeline(), scene.now().wall().plusSeconds(3600)));
        assertThat(scene.decide().facts().intent().kind()).isEqualTo(Kind.Failover);
    }

    @Test
    void anotherVolumeIsNotTheOldPrimaryInRecovery() {
        Scene scene = begun();
        scene.member("orders-1").standby().claimUid = "another";
        scene.member("orders-1").epoch = 6;
        assertThat(scene.decide().facts().intent().kind()).isEqualTo(Kind.Failover);
    }

    @Test
    void aPrimaryWhoseNodeIsVouchedToBeOffIsMovedWhileItAnswers() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").nodeState = PodView.NodeState.OUT_OF_SERVICE;
        assertThat(scene.decide().facts().target()).isPresent();
    }

    @Test
    void nobodyIsMovedToANodeThatIsVouchedToBeOff() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").nodeState = PodView.NodeState.OUT_OF_SERVICE;
        scene.requests.put("switchover", "orders-2");
        Decision refused = scene.decide();
        assertThat(refused.facts().intent()).isNull();
        assertThat(refused.events())
                .anySatisfy(event -> assertThat(event.message())
                        .contains("orders-2 cannot take over before the taint", "node-orders-2 is removed"));
        scene.requests.put("switchover", "");
        assertThat(scene.decide().facts().target()).contains("orders-3");

        Scene begun = begun();
        begun.member("orders-2").nodeState = PodView.NodeState.OUT_OF_SERVICE;
        assertThat(begun.decide().facts().intent())
                .as("orders-1 has not stopped yet")
                .isNull();
    }

    @Test
    void theNodeOfThePrimaryIsLeftBeforeItIsDrained() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").nodeState = PodView.NodeState.CORDONED;
        scene.member("orders-2").nodeState = PodView.NodeState.CORDONED;
        assertThat(scene.decide().facts().target()).contains("orders-3");
        scene.member("orders-3").nodeState = PodView.NodeState.CORDONED;
        assertThat(scene.decide().facts().target()).as("nowhere to go").isEmpty();
    }

    private static Scene begun() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("switchover", "orders-2");
        scene.facts = scene.decide().facts();
        scene.ownEpoch = scene.facts.epoch();
        return scene;
    }
}
