package dev.primacy.operator.app;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Decision;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.kube.Executor;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Intent;
import java.util.List;

/**
 * Carries out a decision. Clients wait for the route, so it goes before the objects, and those before the other actions; and while
 * there is no primary they wait for whatever leads to one, so that objects are for a pass that has nothing else to do.
 */
final class Acting {
    private final Parts parts;
    private final ObjectsOfCluster objects;

    Acting(Parts parts) {
        this.parts = parts;
        this.objects = new ObjectsOfCluster(parts);
    }

    Executor.Report carryOut(Situation situation, Decision decision) {
        ClusterView view = situation.view();
        Memory memory = situation.memory();
        List<Action> routes = decision.actions().stream()
                .filter(it -> it instanceof Action.Route)
                .toList();
        List<Action> others = decision.actions().stream()
                .filter(it -> !(it instanceof Action.Route))
                .toList();
        Executor.Report routed = run(situation, routes);
        if (!others.isEmpty() && clientsWait(view)) {
            Executor.Report report = run(situation, others).after(routed);
            memory.acted(report);
            return report;
        }
        objects.apply(
                view,
                decision,
                situation.blueprint(),
                memory,
                situation.configuration().open());
        String complaint = situation.configuration().complaint();
        if (complaint != null) {
            parts.events()
                    .say(
                            situation.cluster(),
                            Event.warning("ConfigurationRejected", complaint),
                            situation.now().wall());
        }
        Executor.Report report = run(situation, others).after(routed);
        memory.acted(report);
        return report;
    }

    /** At a bootstrap objects come first: the leave to initdb is taken back before anybody is promoted. */
    private static boolean clientsWait(ClusterView view) {
        Intent intent = view.facts().intent();
        return intent != null && intent.kind() != Intent.Kind.Bootstrap;
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
