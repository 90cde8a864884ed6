package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.postgres.ApplicationAccess;
import dev.primacy.operator.postgres.Commands;
import dev.primacy.operator.render.Blueprint;
import dev.primacy.operator.render.Configuration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that one pass has gathered: the view, which it decides on, and what it acts with.
 *
 * @param wanted the configuration that the members are to have
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
        Configuration wanted,
        ConfigurationGate.Passage configuration,
        @Nullable Instant renewAt) {

    /** Whether changes of the spec wait: {@code spec.paused}, once there is a primary. */
    boolean isHeld() {
        return isHeld(cluster, view.facts());
    }

    static boolean isHeld(PostgresCluster cluster, Facts facts) {
        return cluster.getSpec().paused() && facts.primary() != null;
    }

    Commands commands() {
        return memory.commands(blueprint.materials());
    }
}
