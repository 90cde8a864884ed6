package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Now;
import java.util.Optional;

/**
 * {@code primacy.dev/restart}: the request's value becomes a fact, which the pods' template carries, so that the rollout replaces one
 * pod after the other, whoever leads by then; after that the annotation is taken off.
 */
final class RestartRequest implements Rule {
    static final String REQUEST = "restart";

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        String request = cluster.requests().get(REQUEST);
        if (request == null || cluster.facts().primary() == null) {
            return Optional.empty();
        }
        if (request.isBlank()) {
            return Optional.of(
                    Step.Act.of(Phase.Running, "its request to be taken off", new Action.ConsumeRequest(REQUEST))
                            .saying(Event.warning(
                                    "RestartRefused",
                                    "the annotation primacy.dev/restart is empty; give it a value by which one request is told"
                                            + " from the next, the time for instance")));
        }
        if (!request.equals(cluster.facts().restart())) {
            return Optional.of(new Step.Recorded(
                    cluster.facts().withRestart(request),
                    Event.normal(
                            "RestartRequested", "Restarting every member, standbys first: requested by annotation")));
        }
        return Optional.of(
                Step.Act.of(Phase.Restarting, "its request to be taken off", new Action.ConsumeRequest(REQUEST)));
    }
}
