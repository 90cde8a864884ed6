package dev.primacy.operator.app;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Decision;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.kube.Executor;
import dev.primacy.operator.model.Intent;
import java.util.List;

/**
 * Carries out a decision. Clients wait for the route, so it goes before the objects, and those before the other actions – but
 * not before standbys are told to follow a new primary, since commits may wait for them. And while there is no primary, clients
 * wait for whatever leads to one, so that objects are for a pass that has nothing else to do.
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
            List<Action> routes =
                    actions.stream().filter(it -> it instanceof Action.Route).toList();
            List<Action> others =
                    actions.stream().filter(it -> !(it instanceof Action.Route)).toList();
            Executor.Report routed = run(situation, routes);
            boolean following = others.stream().anyMatch(it -> it instanceof Action.Follow);
            if (!following) {
                applyObjects(situation, decision);
            }
            Executor.Report report = run(situation, others).after(routed);
            if (following) {
                applyObjects(situation, decision);
            }
            return report;
        }
        // At a bootstrap the leave to initdb is taken back before anybody is promoted.
        if (actions.isEmpty() || intent.kind() == Intent.Kind.Bootstrap) {
            applyObjects(situation, decision);
        }
        return run(situation, actions);
    }

    private void applyObjects(Situation situation, Decision decision) {
        objects.apply(
                situation.view(),
                decision,
                situation.blueprint(),
                situation.memory(),
                situation.configuration().open());
        String complaint = situation.configuration().complaint();
        if (complaint != null) {
            parts.events()
                    .say(
                            situation.cluster(),
                            Event.warning("ConfigurationRejected", complaint),
                            situation.now().wall());
        }
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
