package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.postgres.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ExecutorTest {
    private static final Action VOTE_2 = new Action.Vote("a-2", "");
    private static final Action VOTE_3 = new Action.Vote("a-3", "");
    private static final Action PROMOTE_2 = new Action.Promote("a-2", null, 3, "", List.of("a-2"));
    private static final Action ROUTE_2 = new Action.Route("a-2", null);
    private static final Action ROUTE_3 = new Action.Route("a-3", null);

    @Test
    @DisplayName("neighbours of one kind on different members belong together, everything else keeps its order")
    void groups() {
        Action first = new Action.CreateSlot("a-1", "a_2");
        Action second = new Action.CreateSlot("a-1", "a_3");
        assertThat(Executor.groups(List.of(VOTE_2, VOTE_3, PROMOTE_2, first, second, VOTE_2)))
                .containsExactly(
                        List.of(VOTE_2, VOTE_3), List.of(PROMOTE_2), List.of(first), List.of(second), List.of(VOTE_2));
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    @DisplayName("votes on different members are asked for at once")
    void parallel() {
        CyclicBarrier both = new CyclicBarrier(2);
        Executor executor = new Executor(action -> {
            try {
                both.await(Duration.ofSeconds(10).toMillis(), TimeUnit.MILLISECONDS);
                return Outcome.DONE;
            } catch (Exception e) {
                return new Outcome.Failed("the other was not asked meanwhile");
            }
        });
        assertThat(executor.run(List.of(VOTE_2, VOTE_3)).failures()).isEmpty();
    }

    @Test
    @DisplayName("a member on which something failed is left alone, the others go on")
    void failureStopsTheMember() {
        List<Action> asked = Collections.synchronizedList(new ArrayList<>());
        Executor executor = new Executor(action -> {
            asked.add(action);
            return action.equals(PROMOTE_2) ? new Outcome.Failed("it is stuck") : Outcome.DONE;
        });
        Executor.Report report = executor.run(List.of(PROMOTE_2, ROUTE_2, ROUTE_3));
        assertThat(asked).containsExactly(PROMOTE_2, ROUTE_3);
        assertThat(report.done()).containsExactly(ROUTE_3);
        assertThat(report.failures())
                .singleElement()
                .satisfies(
                        failure -> assertThat(failure.words()).isEqualTo("a-2: promote did not succeed: it is stuck"));
    }

    @Test
    @DisplayName("who was superseded does nothing any more")
    void supersededStops() {
        Executor executor =
                new Executor(action -> action.equals(PROMOTE_2) ? new Outcome.Superseded(7) : new Outcome.Done());
        Executor.Report report = executor.run(List.of(PROMOTE_2, ROUTE_3));
        assertThat(report.supersededBy()).isEqualTo(7);
        assertThat(report.done()).isEmpty();
    }
}
