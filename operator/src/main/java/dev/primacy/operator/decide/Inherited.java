package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.RecordedFacts;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an operator process that has just taken over leaves standing of the status: what the one before saw is still the newest there is,
 * until this one has looked itself. Only words are taken over; nothing is ever done because of them.
 */
final class Inherited {

    /** The status as it was, with the facts as they are; empty where there is something newer to say. */
    static Optional<PostgresClusterStatus> status(ClusterView cluster, Facts facts, @Nullable Step step) {
        PostgresClusterStatus before = cluster.status();
        boolean onlyTakenOver = facts.intent() == null
                && facts.equals(RecordedFacts.in(before).withEpoch(facts.epoch()))
                && !(step instanceof Step.Stall);
        return wasWritten(before) && isYetToBeLookedAt(cluster) && onlyTakenOver
                ? Optional.of(before.withEpoch(facts.epoch()))
                : Optional.empty();
    }

    private static boolean wasWritten(PostgresClusterStatus before) {
        Long observed = before.observedGeneration();
        return observed != null && observed >= 0;
    }

    /**
     * Where there is an address there soon is a look, whatever it shows; where there is none, this would last for ever. One that came a
     * moment before the others would call them silent.
     */
    private static boolean isYetToBeLookedAt(ClusterView cluster) {
        return cluster.members().stream().anyMatch(member -> member.probedAt() == null && member.isAtHome());
    }

    /**
     * The owner's role and database count as brought about where the status says so of this very spec, and this process has yet to do it
     * again. A problem may be that it tried in vain.
     */
    static boolean application(ClusterView cluster) {
        return cluster.application().appliedHash().isEmpty()
                && cluster.problems().isEmpty()
                && cluster.status().conditions().stream()
                        .anyMatch(condition -> condition.getType().equals("PrimaryAvailable")
                                && condition.getStatus().equals("True")
                                && Objects.equals(condition.getObservedGeneration(), cluster.generation()));
    }

    private Inherited() {}
}
