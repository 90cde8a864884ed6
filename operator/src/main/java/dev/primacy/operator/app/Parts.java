package dev.primacy.operator.app;

import dev.primacy.operator.kube.Applier;
import dev.primacy.operator.kube.ClusterCache;
import dev.primacy.operator.kube.ClusterHands;
import dev.primacy.operator.kube.Deletion;
import dev.primacy.operator.kube.EventSink;
import dev.primacy.operator.kube.NamespaceConsent;
import dev.primacy.operator.kube.Observer;
import dev.primacy.operator.kube.Pruner;
import dev.primacy.operator.kube.SecretKeeper;
import dev.primacy.operator.kube.StatusWriter;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.monitor.Leadership;
import dev.primacy.operator.monitor.Monitors;
import dev.primacy.operator.render.Installation;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;

/**
 * What the passes work with.
 *
 * @param identity of this operator process
 * @param leaderSince when it began to lead, on its own clock
 */
record Parts(
        KubernetesClient client,
        ClusterCache cache,
        Observer observer,
        SecretKeeper secrets,
        Applier applier,
        Pruner pruner,
        NamespaceConsent consent,
        ClusterHands hands,
        StatusWriter status,
        EventSink events,
        Deletion deletion,
        Monitors<Names> monitors,
        Clock clock,
        Installation installation,
        String script,
        String identity,
        Leadership leadership,
        Duration leaderSince) {}
