package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Now;
import java.util.Optional;

/** One of the ordered rules; the first that applies decides the pass. */
@FunctionalInterface
interface Rule {
    Optional<Step> apply(ClusterView cluster, Now now);
}
