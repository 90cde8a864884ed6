package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.kube.Observer;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.monitor.Watch;
import dev.primacy.operator.postgres.Endpoint;
import dev.primacy.operator.render.Materials;
import java.util.List;
import java.util.Map;

/** Tells the monitor whom to look at, and who may stay writable. */
final class Watching {
    private final Parts parts;

    Watching(Parts parts) {
        this.parts = parts;
    }

    /** @return where each member is looked at */
    List<Endpoint> update(PostgresCluster cluster, Facts facts, Memory memory, Materials materials) {
        Names names = Observer.names(cluster);
        Map<String, String> addresses = memory.addresses(parts.observer().addresses(names), facts.members());
        List<Endpoint> endpoints = addresses.entrySet().stream()
                .map(it -> new Endpoint(
                        it.getKey(), it.getValue(), cluster.getSpec().port(), facts.systemId()))
                .toList();
        Intent intent = facts.intent();
        String granted = intent == null ? facts.primary() : intent.to();
        boolean own = memory.ownEpoch() != 0 && memory.ownEpoch() == facts.epoch();
        parts.monitors()
                .update(
                        names,
                        memory.connector(materials),
                        new Watch(
                                endpoints,
                                facts.epoch(),
                                own ? granted : null,
                                intent != null || parts.observer().isGoing(names, facts.primary())));
        return endpoints;
    }
}
