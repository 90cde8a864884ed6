package dev.primacy.operator.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.operator.decide.Action;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.postgres.ApplicationAccess;
import dev.primacy.operator.postgres.Commands;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.List;

/** Carries out what was decided from a view. */
public final class ClusterHands {
    private final KubernetesClient client;
    private final ClusterCache cache;
    private final ObjectMapper mapper;

    public ClusterHands(KubernetesClient client, ClusterCache cache, ObjectMapper mapper) {
        this.client = client;
        this.cache = cache;
        this.mapper = mapper;
    }

    public Executor.Report run(
            ClusterView view, List<Action> actions, Commands commands, ApplicationAccess application, Instant now) {
        KubeActions kube = new KubeActions(client, cache, mapper, view.names());
        SqlActions sql = new SqlActions(commands, view, application);
        return new Executor(action -> switch (action) {
                    case Action.Kube a -> kube.run(a, now);
                    case Action.Sql a -> sql.run(a);
                })
                .run(actions);
    }
}
