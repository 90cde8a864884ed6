package dev.primacy.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.decide.Action.DeleteClaim;
import dev.primacy.operator.decide.Action.Instruct;
import dev.primacy.operator.decide.Action.RestartInPlace;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.PodView;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A process that stood still – its container was throttled, its node frozen or starved – and goes on with what it saw before. */
class AwakeTest {

    /** To its looks the primary of before would still be one, and the new one a standby that came back in recovery. */
    @Test
    void thatAnotherFailedOverMeanwhileIsLookedAtBeforeAnythingIsDone() {
        Scene scene = Scene.healthy(3);
        scene.facts = scene.facts
                .withEpoch(8)
                .withPrimary("orders-2", "container-orders-2", 2)
                .withPromotable(List.of(List.of("orders-2", "orders-3")));
        scene.routed = "orders-2";
        decidesNothing(stoodStill(scene, 40));

        awake(scene);
        scene.member("orders-1").silentSince(scene.monotonic.minusSeconds(40));
        MemberScene two = scene.member("orders-2").primary().at(2, 2000).forkedFrom(1, 1000);
        two.epoch = 8;
        two.promotable = List.of("orders-2", "orders-3");
        two.follower("orders-3", 2000);
        scene.member("orders-3").following("orders-2").at(2, 2000).forkedFrom(1, 1000).epoch = 8;
        Decision decision = scene.decide();
        assertThat(decision.rule()).isEqualTo("Takeover");
        assertThat(decision.facts().primary()).isEqualTo("orders-2");
        assertThat(scene.settle().actions()).noneMatch(RestartInPlace.class::isInstance);
        assertThat(scene.facts.intent()).isNull();
    }

    @Test
    void nobodyIsMadePrimaryWhoMayHaveDiedMeanwhile() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("switchover", "orders-2");
        decidesNothing(stoodStill(scene, 40));

        awake(scene).member("orders-2").silentSince(scene.monotonic.minusSeconds(40));
        assertThat(scene.decide().facts().intent()).isNull();
    }

    @Test
    void aSwitchoverIsNotAbandonedForATargetThatMayHaveBeenPromotedMeanwhile() {
        Scene scene = Scene.healthy(3);
        Intent switchover = new Intent(
                Intent.Kind.Switchover,
                List.of("orders-1"),
                "orders-2",
                2,
                "test",
                scene.now().wall().minusSeconds(35),
                scene.now().wall().minusSeconds(35));
        scene.facts = scene.facts
                .withEpoch(8)
                .withIntent(switchover)
                .withPromotable(List.of(scene.facts.members(), List.of("orders-2")));
        decidesNothing(stoodStill(scene, 40));
    }

    @Test
    void aTargetThatMayReignByNowIsNotGivenUp() {
        Scene scene = Scene.healthy(3).choosing("orders-2", 2);
        Intent intent = Objects.requireNonNull(scene.facts.intent());
        scene.facts = scene.facts.withIntent(
                intent.choosing("orders-2", 2, scene.now().wall().minusSeconds(40)));
        scene.member("orders-2").voted(scene.monotonic.minusSeconds(50));
        scene.member("orders-3").voted(scene.monotonic.minusSeconds(50));
        stoodStill(scene, 40).member("orders-1").silentSince(scene.monotonic.minusSeconds(55));
        decidesNothing(scene);
    }

    /** The primary's volume was lost meanwhile, so that what is to be rebuilt is the only copy. */
    @Test
    void noCopyIsGivenUpForAPrimaryThatMayBeGone() {
        Scene scene = Scene.healthy(2);
        scene.facts = scene.facts.withPromotable(List.of(List.of("orders-1")));
        scene.member("orders-1").promotable = List.of("orders-1");
        scene.member("orders-1").followers.clear();
        scene.member("orders-2").silentSince(scene.monotonic.minusSeconds(500)).nodeState =
                PodView.NodeState.UNREACHABLE;
        scene.requests.put("rebuild", "orders-2");
        assertThat(scene.decide().actions()).anyMatch(DeleteClaim.class::isInstance);

        scene.member("orders-1").probedAt = scene.monotonic.minusSeconds(40);
        decidesNothing(scene);
    }

    @Test
    void whoseEndWasPromotedElsewhereMeanwhileIsNotTakenForTheContainerOfBefore() {
        Scene scene = Scene.healthy(2);
        scene.facts = scene.facts
                .withEpoch(8)
                .withoutPrimary()
                .withContainer("orders-1", "container-2nd")
                .withIntent(new Intent(
                        Intent.Kind.Bootstrap, List.of(), "orders-1", 9, "test", Scene.CREATED, Scene.CREATED));
        scene.member("orders-1").standby();
        scene.member("orders-2").standby();
        decidesNothing(stoodStill(scene, 40));
    }

    @Test
    void aLookThatBringsNoAnswerMayTakeLonger() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(12)).probedAt =
                scene.monotonic.minusSeconds(9);
        assertThat(scene.decide().rule()).isEqualTo(Decider.UPKEEP);

        scene.member("orders-3").probedAt = scene.monotonic.minusSeconds(11);
        decidesNothing(scene);
    }

    @Test
    void aMemberThatNobodyCouldLookAtHoldsUpNothing() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").looked = false;
        assertThat(scene.decide().rule()).isEqualTo(Decider.UPKEEP);
    }

    @Test
    void oneLookInVainAfterItStoodStillIsNoSilence() {
        Scene scene = awake(Scene.healthy(3));
        scene.member("orders-1").silentSince(scene.monotonic.minusSeconds(21));
        scene.member("orders-2").standby();
        scene.member("orders-3").standby();
        assertThat(scene.settle().facts().intent()).isNull();

        scene.monotonic = scene.monotonic.plusMillis(2_600);
        assertThat(scene.decide().facts().intent()).isNotNull();
    }

    @Test
    void nobodyLeavesThePromotableSetByIt() {
        Scene scene = awake(Scene.healthy(3));
        scene.member("orders-2").silentSince(scene.monotonic.minusSeconds(31));
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(31));
        assertThat(scene.settle().facts().promotable()).containsExactly(List.of("orders-1", "orders-2", "orders-3"));
    }

    /** It was about to connect. */
    @Test
    void aStandbyIsNotStarvedByIt() {
        Scene scene = awake(Scene.healthy(3));
        MemberScene standby = scene.member("orders-2").at(1, 900);
        standby.streaming = false;
        standby.since = scene.monotonic.minusSeconds(62);
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-2"));
        assertThat(scene.settle().actions()).noneMatch(Instruct.class::isInstance);

        scene.monotonic = scene.monotonic.plusSeconds(61);
        scene.member("orders-1").keepsFor("orders-2", new Lsn(1000));
        assertThat(scene.decide().actions()).anyMatch(Instruct.class::isInstance);
    }

    @Test
    void whoWasJustStartingIsNotBrokenByIt() {
        Scene scene = awake(Scene.healthy(3));
        scene.member("orders-3").refusing(scene.monotonic.minusSeconds(131));
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        scene.member("orders-1").slots.removeIf(it -> it.name().equals("orders_3"));
        assertThat(scene.settle().actions()).noneMatch(Instruct.class::isInstance);

        scene.monotonic = scene.monotonic.plusSeconds(121);
        assertThat(scene.settle().actions()).anyMatch(Instruct.class::isInstance);
    }

    @Test
    void whoWasJustRecoveringIsNotLockedOutByIt() {
        Scene scene = awake(Scene.healthy(3)).choosing("orders-2", 0);
        scene.member("orders-1").silentSince(scene.monotonic.minusSeconds(40));
        scene.member("orders-2").startingSince(scene.monotonic.minusSeconds(35));
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(40));
        assertThat(scene.settle().actions()).noneMatch(Instruct.class::isInstance);

        scene.monotonic = scene.monotonic.plusSeconds(31);
        assertThat(scene.settle().actions()).anyMatch(Instruct.class::isInstance);
    }

    private static void decidesNothing(Scene scene) {
        Decision decision = scene.decide();
        assertThat(decision.rule()).isEqualTo("Awake");
        assertThat(decision.facts()).isEqualTo(scene.facts);
        assertThat(decision.actions()).isEmpty();
        assertThat(decision.events()).isEmpty();
        assertThat(decision.status()).as("what people were told").isSameAs(scene.status);
        assertThat(decision.recheckAfter()).isLessThanOrEqualTo(Duration.ofMillis(500));
    }

    /** All that is known of the members is from before. */
    private static Scene stoodStill(Scene scene, int seconds) {
        for (String name : scene.facts.members()) {
            MemberScene member = scene.member(name);
            member.probedAt = scene.monotonic.minusSeconds(seconds);
            member.since = member.probedAt.minusSeconds(100);
        }
        return scene;
    }

    /** The first looks after it have ended. */
    private static Scene awake(Scene scene) {
        for (String name : scene.facts.members()) {
            scene.member(name).probedAt = null;
            scene.member(name).watchedSince = scene.monotonic;
        }
        return scene;
    }
}
