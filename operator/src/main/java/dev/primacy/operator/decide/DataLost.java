package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import java.util.Objects;
import java.util.Optional;

/**
 * Every volume that ever held the data was replaced by another. There is nothing left to start, and an empty primary in its place
 * would hide that: a person decides.
 */
final class DataLost implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        Facts facts = cluster.facts();
        if (facts.systemId() == null || facts.incarnations().isEmpty()) {
            return Optional.empty();
        }
        boolean lost = facts.incarnations().keySet().stream()
                .allMatch(name -> cluster.member(name)
                        .map(member -> isReplaced(member, facts))
                        .orElse(false));
        return lost
                ? Optional.of(new Step.Stall(
                        "DataLost",
                        "all copies of the data (system identifier " + facts.systemId()
                                + ") are gone: every member has a new, empty volume. Delete this resource and create it again"
                                + " for an empty cluster, or restore the volumes from a backup"))
                : Optional.empty();
    }

    private static boolean isReplaced(MemberView member, Facts facts) {
        String now = Incarnation.of(member);
        return now != null
                && member.answered() == null
                && !Objects.equals(now, facts.incarnations().get(member.name()));
    }
}
