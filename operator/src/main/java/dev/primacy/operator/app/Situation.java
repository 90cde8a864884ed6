package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.postgres.ApplicationAccess;
import dev.primacy.operator.postgres.Commands;
import dev.primacy.operator.render.Blueprint;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that one pass has gathered: the view, which it decides on, and what it acts with.
 *
 * @param configuration which configuration the members may see
 * @param renewAt when the cluster's Secrets have to be worked out again
 */
record Situation(
        PostgresCluster cluster,
        Memory memory,
        Now now,
        ClusterView view,
        Blueprint blueprint,
        ApplicationAccess application,
        ConfigurationGate.Passage configuration,
        @Nullable Instant renewAt) {

    Commands commands() {
        return memory.commands(blueprint.materials());
    }
}
