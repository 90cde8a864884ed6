package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Action;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What follows a pass. */
sealed interface Next {

    /** Nothing, until something is seen to change or the time is over. */
    record Rest(Duration atMost) implements Next {}

    /**
     * Another pass at once, to see what came of this one.
     *
     * @param cluster the resource as it is now; null when it has to be read again
     * @param acted what this pass did
     */
    record AtOnce(@Nullable PostgresCluster cluster, List<Action> acted) implements Next {}
}
