package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.SystemId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Decisions outlive the status: when it is empty but claims with data are there – a resource restored or applied again – they
 * are taken up, and initdb never runs.
 */
final class Adoption implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        List<ClaimView> withData = cluster.orphanClaims().stream()
                .filter(claim -> claim.systemId() != null)
                .toList();
        if (!cluster.facts().members().isEmpty() || withData.isEmpty()) {
            return Optional.empty();
        }
        Set<String> systemIds = withData.stream()
                .map(claim -> String.valueOf(claim.systemId()))
                .collect(Collectors.toCollection(TreeSet::new));
        if (systemIds.size() > 1) {
            return Optional.of(new Step.Stall(
                    "ForeignData",
                    "the PersistentVolumeClaims " + names(withData)
                            + " hold data of different clusters (system identifiers "
                            + String.join(", ", systemIds)
                            + "); delete or rename those that do not belong to this cluster"));
        }
        List<String> members = withData.stream()
                .map(claim -> claim.name().substring("data-".length()))
                .sorted(Comparator.comparingInt(cluster.names()::ordinal))
                .toList();
        Facts adopted = TakingUp.of(members, "taking up the data of " + names(withData), cluster, now)
                .withSystemId(new SystemId(systemIds.iterator().next()));
        for (ClaimView claim : withData) {
            adopted = adopted.withIncarnation(claim.name().substring("data-".length()), claim.uid());
        }
        return Optional.of(new Step.Recorded(
                adopted,
                Event.normal(
                        "DataAdopted", "Found the data of this cluster on " + names(withData) + " and takes it up")));
    }

    private static String names(List<ClaimView> claims) {
        return claims.stream().map(ClaimView::name).sorted().collect(Collectors.joining(", "));
    }
}
