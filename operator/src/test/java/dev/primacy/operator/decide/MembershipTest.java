package dev.primacy.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.DeletionPolicy;
import dev.primacy.operator.decide.Action.RemoveMember;
import dev.primacy.operator.decide.Action.SetPromotable;
import dev.primacy.operator.decide.Action.SetSolo;
import dev.primacy.operator.decide.Action.SetSynchronous;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Position;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Members come and go; P and (S, k) follow in steps that always list what may be in force. */
@SuppressWarnings("NullAway") // a null where a value should be fails the test as well
class MembershipTest {
    /** What it acknowledged with one of the first set alone, nobody else knows of; the second would not be needed to promote the other. */
    @Test
    void whoMayHaveReignedUnderASetThatIsStillListedStays() {
        Scene scene = Scene.synchronous(3, 1);
        SynchronousSet ofThree = new SynchronousSet(List.of("orders-1", "orders-2"), 1);
        SynchronousSet ofOne = new SynchronousSet(List.of("orders-2"), 1);
        scene.facts = scene.facts
                .withPrimary("orders-1", "container-orders-1", 2)
                .withTimelinesUpTo(2)
                .withPromotable(List.of(List.of("orders-1")))
                .withSynchronous(List.of(ofThree, ofOne));
        MemberScene one = scene.member("orders-1").at(2, 1100).forkedFrom(1, 1000);
        one.promotable = List.of("orders-1");
        one.synchronous = ofOne.synchronousStandbyNames();
        one.followers.clear();
        scene.member("orders-2").silentSince(scene.monotonic.minusSeconds(40));
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(100));
        scene.instances = 2;
        Decision decision = scene.settle();
        assertThat(decision.actions()).noneMatch(Action.RemoveMember.class::isInstance);
        assertThat(decision.status().reason()).contains("orders-3 to leave the set");

        scene.facts = scene.facts.withSynchronous(List.of(ofOne));
        assertThat(scene.settle().actions()).anyMatch(Action.RemoveMember.class::isInstance);
    }

    private static final List<String> ALL = List.of("orders-1", "orders-2", "orders-3");
    private static final List<String> TWO = List.of("orders-1", "orders-2");

    @Test
    void theLowestFreeOrdinalsAreAdded() {
        Scene scene = Scene.healthy(3);
        scene.instances = 4;
        scene.facts = scene.facts.withMembers(List.of("orders-1", "orders-3"));
        scene.remove("orders-2");
        assertThat(scene.decide().facts().members()).containsExactly("orders-1", "orders-2", "orders-3", "orders-4");
    }

    @Test
    void theSoloLeaveIsTakenBackBeforeThereIsASecondMember() {
        Scene scene = Scene.healthy(1);
        scene.instances = 3;
        assertThat(scene.decide().actions()).contains(new SetSolo("orders-1", false));
        assertThat(scene.decide().facts().members()).containsExactly("orders-1");
        scene.member("orders-1").solo = false;
        assertThat(scene.decide().facts().members()).hasSize(3);
        assertThat(scene.decide().facts().epoch())
                .as("an order to put the flag may still be under way in an older session")
                .isEqualTo(6);
    }

    @Test
    void aFlagThatIsThereAllTheSameKeepsThePromotableSetAlone() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-1").solo = true;
        scene.facts = scene.facts.withPromotable(List.of(List.of("orders-1")));
        scene.member("orders-1").promotable = List.of("orders-1");
        Decision decision = scene.decide();
        assertThat(decision.facts().promotable()).containsExactly(List.of("orders-1"));
        assertThat(decision.actions()).contains(new SetSolo("orders-1", false));
    }

    @Test
    void theHighestOrdinalsGoNeverThePrimary() {
        Scene scene = Scene.healthy(3);
        scene.facts = scene.facts.withPrimary("orders-3", "container-orders-3", 1);
        scene.routed = "orders-3";
        scene.member("orders-3").primary().promotable = ALL;
        scene.member("orders-3")
                .follower("orders-1", 1000)
                .follower("orders-2", 1000)
                .slot("orders-1")
                .slot("orders-2");
        scene.member("orders-1").following("orders-3").slots.clear();
        scene.member("orders-2").following("orders-3");
        scene.instances = 1;
        assertThat(Membership.leaving(scene.view())).containsExactly("orders-2", "orders-1");
    }

    @Test
    void aMemberGoesOnlyOnceNoCommitAndNoFailoverCountsOnIt() {
        Scene scene = Scene.healthy(3);
        scene.instances = 2;
        Decision decision = scene.settle();
        assertThat(decision.facts().promotable()).containsExactly(ALL, TWO);
        assertThat(decision.actions()).contains(new SetPromotable("orders-1", TWO));
        assertThat(decision.actions()).noneMatch(RemoveMember.class::isInstance);

        scene.member("orders-1").promotable = TWO;
        decision = scene.settle();
        assertThat(decision.facts().promotable()).containsExactly(TWO);
        assertThat(decision.actions()).contains(new RemoveMember("orders-3", "set-orders-3", null));

        scene.deletion = DeletionPolicy.Delete;
        assertThat(scene.decide().actions()).contains(new RemoveMember("orders-3", "set-orders-3", "claim-orders-3"));

        scene.member("orders-3").withoutPod();
        decision = scene.decide();
        assertThat(decision.facts().members()).isEqualTo(TWO);
        assertThat(decision.facts().incarnations()).doesNotContainKey("orders-3");
    }

    @Test
    void nobodyGoesWhileCommitsWouldThenWaitForOneThatIsAway() {
        Scene scene = Scene.synchronous(3, 1);
        scene.instances = 2;
        scene.member("orders-2").silentSince(scene.monotonic.minusSeconds(5));
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-2"));
        Decision decision = scene.settle();
        assertThat(decision.facts().synchronous()).isEqualTo(scene.facts.synchronous());
        assertThat(decision.facts().promotable()).isEqualTo(scene.facts.promotable());
        assertThat(decision.actions()).noneMatch(RemoveMember.class::isInstance);
        assertThat(decision.status().reason())
                .contains("orders-2: PostgreSQL to answer", "orders-3 stays until orders-2 streams");
        scene.requests.put("switchover", "orders-3");
        assertThat(scene.decide().facts().target())
                .as("it holds up nothing else")
                .contains("orders-3");
        scene.requests.clear();

        scene.member("orders-1").follower("orders-2", 1000);
        scene.member("orders-2").following("orders-1");
        assertThat(scene.settle().facts().synchronous().getLast())
                .isEqualTo(new SynchronousSet(List.of("orders-2"), 1));

        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-2"));
        assertThat(scene.settle().facts().synchronous().getLast())
                .as("orders-3 may be gone by now")
                .isEqualTo(new SynchronousSet(List.of("orders-2"), 1));
    }

    @Test
    void aMemberThatCannotGoSinceItsNodeIsLostHoldsUpNothingElse() {
        Scene scene = Scene.healthy(3);
        scene.instances = 2;
        scene.facts = scene.facts.withPromotable(List.of(TWO));
        scene.member("orders-1").promotable = TWO;
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-3"));
        MemberScene stuck = scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(120));
        stuck.nodeState = PodView.NodeState.UNREACHABLE;
        assertThat(scene.decide().actions()).contains(new RemoveMember("orders-3", "set-orders-3", null));

        stuck.deleting = true;
        stuck.statefulSet = null;
        Decision decision = scene.decide();
        assertThat(decision.facts().members()).as("its pod may run on").contains("orders-3");
        assertThat(decision.status().reason()).contains("orders-3", "node-orders-3", "out-of-service");

        scene.member("orders-2").statefulSet = "t2";
        assertThat(scene.decide().actions()).anyMatch(Action.DeletePod.class::isInstance);
    }

    @Test
    void whilePausedNobodyComesOrGoes() {
        Scene scene = Scene.healthy(3);
        scene.paused = true;
        scene.instances = 1;
        assertThat(scene.decide().facts()).isEqualTo(scene.facts);
        assertThat(scene.decide().status().phase()).isEqualTo("Paused");
    }

    @Test
    void whoStreamsJoinsThePromotableSetAndWhoWasSilentHalfAMinuteLeavesIt() {
        Scene scene = Scene.healthy(3);
        scene.facts = scene.facts.withPromotable(List.of(TWO));
        scene.member("orders-1").promotable = TWO;
        assertThat(scene.decide().facts().promotable()).containsExactly(TWO, ALL);

        scene = Scene.healthy(3);
        scene.member("orders-1")
                .followers
                .removeIf(follower -> follower.member().equals("orders-3"));
        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(29));
        assertThat(scene.decide().facts().promotable()).containsExactly(ALL);
        scene.monotonic = scene.monotonic.plusSeconds(2);
        assertThat(scene.decide().facts().promotable()).containsExactly(ALL, TWO);
    }

    @Test
    void backToAnEarlierSetIsANewEpochSinceTheOtherMayStillBeOnItsWay() {
        Scene scene = Scene.healthy(3);
        scene.facts = scene.facts.withPromotable(List.of(ALL, TWO));
        Decision decision = scene.decide();
        assertThat(decision.facts().promotable()).containsExactly(TWO, ALL);
        assertThat(decision.facts().epoch()).isEqualTo(6);

        decision = scene.settle();
        assertThat(decision.facts().promotable())
                .as("not before it is seen under that epoch")
                .containsExactly(TWO, ALL);
        scene.member("orders-1").epoch = 6;
        assertThat(scene.decide().facts().promotable()).containsExactly(ALL);
    }

    @Test
    void weakeningIsWrittenDownFirst() {
        Scene scene = Scene.synchronous(3, 1);
        scene.replication = Scene.healthy(3).replication;
        Decision decision = scene.settle();
        assertThat(decision.facts().synchronous()).hasSize(2).last().isEqualTo(SynchronousSet.NONE);
        assertThat(decision.actions()).contains(new SetSynchronous("orders-1", ""));
    }

    /** Its checkpointer, which says whether commits wait, may be busy when it is promoted. */
    @Test
    void aStandbyKnowsLongBeforeItIsPromotedThatCommitsWait() {
        Scene scene = Scene.synchronous(3, 1);
        String set = "ANY 1 (nobody)";
        assertThat(scene.decide().actions()).contains(new SetSynchronous("orders-2", set));

        scene.member("orders-2").synchronous = set;
        assertThat(scene.decide().actions())
                .noneMatch(action ->
                        action instanceof SetSynchronous told && told.member().equals("orders-2"));

        scene.member("orders-3").streaming = false;
        assertThat(scene.decide().actions())
                .as("it has other things to do")
                .noneMatch(action ->
                        action instanceof SetSynchronous told && told.member().equals("orders-3"));
    }

    /** A row of it in pg_stat_replication says nothing: PostgreSQL believes who strayed for a moment. */
    @Test
    void commitsWaitForNobodyWhoWasNotSeenOnThePrimarysTimeline() {
        SynchronousSet one = new SynchronousSet(List.of("orders-2"), 1);
        Scene scene = onTheSecondTimeline(one);
        MemberScene primary = scene.member("orders-1");
        scene.member("orders-3").at(1, 3000);
        assertThat(scene.decide().facts().synchronous()).containsExactly(one);

        scene.member("orders-3").silentSince(scene.monotonic.minusSeconds(1)).at(2, 2000);
        assertThat(scene.decide().facts().synchronous())
                .as("it was not on it when it last answered")
                .containsExactly(one);

        scene.member("orders-3").following("orders-1");
        SynchronousSet both = new SynchronousSet(List.of("orders-2", "orders-3"), 1);
        assertThat(scene.decide().facts().synchronous()).containsExactly(one, both);

        scene.facts = scene.facts.withSynchronous(List.of(both));
        primary.synchronous = both.synchronousStandbyNames();
        scene.member("orders-3").at(1, 3000).silentSince(scene.monotonic.minusSeconds(1));
        assertThat(scene.decide().facts().synchronous()).as("who counts stays").containsExactly(both);
    }

    /** It may have strayed, for all that is known: with the other gone, commits would wait for it. */
    @Test
    void nobodyGoesWhileWhoStaysHasNotBeenSeenOnThePrimarysTimeline() {
        SynchronousSet third = new SynchronousSet(List.of("orders-3"), 1);
        Scene scene = onTheSecondTimeline(third);
        MemberScene primary = scene.member("orders-1");
        scene.member("orders-2").at(1, 1000).silentSince(scene.monotonic.minusSeconds(1));
        scene.instances = 2;
        assertThat(scene.decide().facts().synchronous()).containsExactly(third);

        scene.facts = scene.facts.withSynchronous(List.of(new SynchronousSet(List.of(), 1)));
        primary.synchronous = "ANY 1 (nobody)";
        assertThat(scene.decide().facts().synchronous())
                .as("a set without anybody does not say that it has left")
                .endsWith(third);
    }

    /** The primary's commits wait for who has followed it there. */
    private static Scene onTheSecondTimeline(SynchronousSet set) {
        Scene scene = Scene.synchronous(3, 1);
        scene.facts = scene.facts.withSynchronous(List.of(set));
        scene.member("orders-1").at(2, 2000).synchronous = set.synchronousStandbyNames();
        set.standbys().forEach(standby -> scene.member(standby).at(2, 2000));
        return scene;
    }

    @Test
    void strengtheningCountsOnlyOnceStandbysFlushedPastTheChange() {
        Scene scene = Scene.synchronous(3, 1);
        SynchronousSet one = scene.facts.synchronous().getFirst();
        scene.facts = scene.facts.withSynchronous(List.of(SynchronousSet.NONE, one));
        scene.member("orders-1").at(1, 2000).sincePosition = new Position(1, new Lsn(1500));
        assertThat(scene.decide().facts().synchronous()).containsExactly(SynchronousSet.NONE, one);
        scene.member("orders-1").follower("orders-3", 1500);
        assertThat(scene.decide().facts().synchronous()).containsExactly(one);
    }

    @Test
    void preferredDurabilityWaitsForAsManyAsThereAre() {
        Scene scene = Scene.synchronous(3, 2);
        scene.replication = new dev.primacy.api.v1.Replication(
                dev.primacy.api.v1.Replication.Mode.Synchronous,
                2,
                dev.primacy.api.v1.Replication.Durability.Preferred,
                null);
        scene.member("orders-1")
                .followers
                .removeIf(follower -> follower.member().equals("orders-3"));
        scene.member("orders-3").silentSince(scene.monotonic.minus(Duration.ofSeconds(5)));
        assertThat(scene.decide().facts().synchronous().getLast().number()).isEqualTo(1);
    }
}
