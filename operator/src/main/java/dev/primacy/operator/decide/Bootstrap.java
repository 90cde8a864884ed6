package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.Now;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A cluster without facts and without data begins: its first member gets the only leave to initdb that is ever given
 * (invariant 9), the others wait to clone it.
 */
final class Bootstrap implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        if (!cluster.facts().members().isEmpty()) {
            return Optional.empty();
        }
        List<String> members = IntStream.rangeClosed(1, cluster.spec().instances())
                .mapToObj(cluster.names()::member)
                .toList();
        String first = members.getFirst();
        Facts begun = Takeover.raised(cluster)
                .withMembers(members)
                .withInitdbMember(first)
                .withPromotable(List.of(List.of(first)))
                .withSynchronous(List.of(Facts.SynchronousSet.NONE))
                .withIntent(new Intent(Kind.Bootstrap, List.of(), first, 0, "creating the cluster", now.wall()));
        return Optional.of(new Step.Recorded(
                begun,
                Event.normal("Creating", "Creating " + members.size() + " member" + (members.size() == 1 ? "" : "s"))));
    }
}
