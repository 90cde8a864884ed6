package dev.primacy.operator.app;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Decision;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.kube.Executor;
import dev.primacy.operator.model.ClusterView;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Carries out a decision. Clients wait for the route, so it goes before the objects, and those before the other actions. */
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
                .collect(Collectors.toCollection(ArrayList::new));
        if (others.isEmpty()
                && memory.applicationCheckIsDue(situation.now().monotonic())
                && view.facts().primary() != null) {
            others.add(new Action.EnsureApplication(
                    view.facts().primary(), view.application().hash()));
        }
        Executor.Report routed = run(situation, routes);
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
        memory.acted(report, parts.clock().monotonic());
        return report;
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
