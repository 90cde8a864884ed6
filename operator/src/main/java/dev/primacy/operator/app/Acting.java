package dev.primacy.operator.app;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Decision;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.kube.Executor;
import dev.primacy.operator.model.Intent;
import java.util.List;

/**
 * Carries out a decision: first what somebody waits for, then the objects, then the other actions, which may rely on the objects. And
 * while there is no primary, clients wait for whatever leads to one, so that objects are for a pass that has nothing else to do.
 */
final class Acting {
    private final Parts parts;
    private final ObjectsOfCluster objects;

    Acting(Parts parts) {
        this.parts = parts;
        this.objects = new ObjectsOfCluster(parts);
    }

    Executor.Report carryOut(Situation situation, Decision decision) {
        Executor.Report report = inOrder(situation, decision);
        situation.memory().acted(report);
        return report;
    }

    private Executor.Report inOrder(Situation situation, Decision decision) {
        List<Action> actions = decision.actions();
        Intent intent = situation.view().facts().intent();
        if (intent == null) {
            Executor.Report awaited =
                    run(situation, actions.stream().filter(Acting::isAwaited).toList());
            if (awaited.supersededBy() != null) {
                return awaited;
            }
            applyObjects(situation, decision);
            return run(situation, actions.stream().filter(it -> !isAwaited(it)).toList())
                    .after(awaited);
        }
        // At a bootstrap the leave to initdb is taken back before anybody is promoted.
        if (actions.isEmpty() || intent.kind() == Intent.Kind.Bootstrap) {
            applyObjects(situation, decision);
        }
        return run(situation, actions);
    }

    /** Clients wait for the route, their role and their database; commits for the standbys that follow, and a clone for its slot. */
    private static boolean isAwaited(Action action) {
        return switch (action) {
            case Action.Route a -> true;
            case Action.CreateSlot a -> true;
            case Action.Follow a -> true;
            // That a volume has data of this cluster is written on it before any client can have any there.
            case Action.AnnotateClaim a -> true;
            case Action.EnsureApplication a -> true;
            default -> false;
        };
    }

    private void applyObjects(Situation situation, Decision decision) {
        objects.apply(situation, decision);
        situation.memory().unapplied().forEach(words -> warn(situation, "NotApplied", words));
        String complaint = situation.configuration().complaint();
        if (complaint != null) {
            warn(situation, "ConfigurationRejected", complaint);
        }
    }

    private void warn(Situation situation, String reason, String words) {
        parts.events()
                .say(
                        situation.cluster(),
                        Event.warning(reason, words),
                        situation.now().wall());
    }

    private Executor.Report run(Situation situation, List<Action> actions) {
        return parts.hands()
                .run(
                        situation.view(),
                        actions,
                        situation.commands(),
                        situation.application(),
                        situation.now().wall());
    }
}
