package dev.primacy.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.decide.Action.DeletePod;
import dev.primacy.operator.decide.Action.RestartInPlace;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.PodView;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Planned restarts: one at a time, standbys first, the primary by a switchover. */
@SuppressWarnings("NullAway") // a null where a value should be fails the test as well
class RolloutTest {

    @Test
    void aChangedTemplateReplacesOneStandbyAtATimeAndThePrimaryLast() {
        Scene scene = Scene.healthy(3);
        scene.facts.members().forEach(name -> scene.member(name).statefulSet = "t2");
        assertThat(disruptive(scene)).containsExactly(delete("orders-2"));

        scene.member("orders-2").silentSince(scene.monotonic.minusSeconds(1)).template = "t2";
        scene.member("orders-1")
                .followers
                .removeIf(follower -> follower.member().equals("orders-2"));
        assertThat(disruptive(scene)).as("never two at once").isEmpty();

        scene.member("orders-2").following("orders-1");
        scene.member("orders-1").follower("orders-2", 1000);
        assertThat(disruptive(scene)).containsExactly(delete("orders-3"));

        scene.member("orders-3").template = "t2";
        Decision decision = scene.decide();
        assertThat(decision.facts().intent().kind()).isEqualTo(Kind.Switchover);
        assertThat(decision.facts().intent().reason()).contains("pod template of orders-1");
    }

    /** PostgreSQL takes a moment to stop, and answers and streams meanwhile. */
    @Test
    void whoWasJustDeletedIsNotDoneAndTakesNothingOver() {
        Scene scene = Scene.healthy(2);
        scene.facts.members().forEach(name -> scene.member(name).statefulSet = "t2");
        assertThat(disruptive(scene)).containsExactly(delete("orders-2"));
        scene.member("orders-2").deleting = true;
        assertThat(disruptive(scene)).isEmpty();
        assertThat(scene.decide().facts().intent()).isNull();

        scene.requests.put("switchover", "orders-2");
        assertThat(scene.decide().events())
                .anyMatch(event -> event.message().contains("the pod of orders-2 is being deleted"));
        scene.requests.put("switchover", "");
        assertThat(scene.decide().facts().intent()).isNull();
    }

    @Test
    void aMemberOfOneIsReplacedUnlessItsPodIsTheOnlyCopy() {
        Scene scene = Scene.healthy(1);
        scene.member("orders-1").statefulSet = "t2";
        assertThat(disruptive(scene)).containsExactly(delete("orders-1"));
        scene.member("orders-1").claim = false;
        scene.facts = scene.facts.withIncarnation("orders-1", "pod-orders-1");
        assertThat(disruptive(scene)).isEmpty();
        assertThat(scene.decide().status().pendingRestart().members()).containsKey("orders-1");

        scene.member("orders-1").pending = List.of("shared_buffers");
        assertThat(disruptive(scene)).containsExactly(new RestartInPlace("orders-1", false));
    }

    @Test
    void aPodThatNeverStartedIsReplacedWhenItsTemplateIsMendedWhateverElseIsWaitedFor() {
        Scene scene = Scene.fresh(2);
        scene.facts = scene.decide().facts();
        scene.ownEpoch = 1;
        for (String name : List.of("orders-1", "orders-2")) {
            scene.member(name).container = new PodView.Container.Waiting("ImagePullBackOff", "no such image", 0);
        }
        assertThat(disruptive(scene)).isEmpty();
        scene.member("orders-1").statefulSet = "t2";
        scene.member("orders-2").statefulSet = "t2";
        assertThat(disruptive(scene)).containsExactly(unstarted("orders-1"), unstarted("orders-2"));
        scene.member("orders-1").deleting = true;
        scene.member("orders-2").container = new PodView.Container.Waiting("CrashLoopBackOff", "refused", 3);
        assertThat(disruptive(scene)).as("one that has run may have data").isEmpty();
    }

    @Test
    void theOnlyMemberIsReplacedTooWhenItsNewPodFindsNoNode() {
        Scene scene = Scene.healthy(1);
        MemberScene member = scene.member("orders-1").silentSince(scene.monotonic.minusSeconds(60));
        member.container = new PodView.Container.Unknown();
        member.unschedulable = "0/3 nodes are available";
        assertThat(disruptive(scene)).isEmpty();
        member.statefulSet = "t2";
        assertThat(disruptive(scene)).containsExactly(unstarted("orders-1"));

        member.claim = false;
        scene.facts = scene.facts.withIncarnation("orders-1", "pod-orders-1");
        assertThat(disruptive(scene)).as("the pod had data").isEmpty();
    }

    @Test
    void aStandbyThatNeverStartedIsDeletedOnceThoughTheRolloutWouldToo() {
        Scene scene = Scene.healthy(3);
        MemberScene member = scene.member("orders-2").silentSince(scene.monotonic.minusSeconds(60));
        member.container = new PodView.Container.Waiting("ImagePullBackOff", "no such image", 0);
        member.statefulSet = "t2";
        scene.member("orders-1").followers.removeIf(it -> it.member().equals("orders-2"));
        assertThat(disruptive(scene)).containsExactly(delete("orders-2"));
    }

    private static DeletePod unstarted(String member) {
        return new DeletePod(member, "pod-" + member, null, "it has not started, and its template changed");
    }

    @Test
    void aRestartThatIsAskedForWithoutAValueIsRefused() {
        Scene scene = Scene.healthy(3);
        scene.requests.put("restart", "");
        Decision decision = scene.decide();
        assertThat(decision.facts()).isEqualTo(scene.facts);
        assertThat(decision.actions()).contains(new Action.ConsumeRequest("restart"));
        assertThat(decision.events()).extracting(Event::reason).containsExactly("RestartRefused");
    }

    @Test
    void parametersThatWaitForARestartRestartInPlace() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-3").pending = List.of("shared_buffers");
        scene.member("orders-1").pending = List.of("shared_buffers");
        assertThat(disruptive(scene)).containsExactly(new RestartInPlace("orders-3", false));
        scene.member("orders-3").pending = List.of();
        assertThat(scene.decide().facts().intent().reason()).contains("must restart for shared_buffers");
    }

    @Test
    void loweredLimitsBeginWithThePrimary() {
        Scene scene = Scene.healthy(3);
        scene.facts.members().forEach(name -> scene.member(name).lowered = List.of("max_connections"));
        assertThat(disruptive(scene)).as("rule 9b").containsExactly(new RestartInPlace("orders-1", true));
    }

    @Test
    void aConfigurationThatIsNotLoadedYetRestartsNobody() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").pending = List.of("shared_buffers");
        scene.config = "c2";
        assertThat(disruptive(scene)).isEmpty();
    }

    @Test
    void pausedRestartsNobody() {
        Scene scene = Scene.healthy(3);
        scene.member("orders-2").statefulSet = "t2";
        scene.paused = true;
        assertThat(disruptive(scene)).isEmpty();
    }

    private static List<Action> disruptive(Scene scene) {
        return scene.settle().actions().stream()
                .filter(action -> action instanceof DeletePod || action instanceof RestartInPlace)
                .toList();
    }

    private static DeletePod delete(String member) {
        return new DeletePod(member, "pod-" + member, null, "its pod template changed");
    }

    @Test
    void thePrimaryIsNotRestartedForFilesWithWhichAStandbyDidNotStart() {
        Scene scene = Scene.healthy(2);
        scene.config = "c2";
        scene.member("orders-1").configLoaded = "c2";
        scene.member("orders-1").pending = List.of("shared_preload_libraries");
        scene.member("orders-2").podConfig = "c2";
        assertThat(scene.settle().facts().intent()).isNull();
        assertThat(scene.settle().actions()).noneMatch(Action.RestartInPlace.class::isInstance);

        scene.member("orders-2").configLoaded = "c2";
        assertThat(scene.settle().facts().intent()).isNotNull();
    }
}
