package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.kube.Observer;
import dev.primacy.operator.kube.SecretKeeper;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.RecordedFacts;
import dev.primacy.operator.monitor.Seen;
import dev.primacy.operator.postgres.ApplicationAccess;
import dev.primacy.operator.postgres.CertificateHash;
import dev.primacy.operator.postgres.Commands;
import dev.primacy.operator.postgres.Endpoint;
import dev.primacy.operator.postgres.Mandate;
import dev.primacy.operator.render.Blueprint;
import dev.primacy.operator.render.Configuration;
import dev.primacy.operator.render.Materials;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Gathers what a pass decides on. All of it has been seen already, but for PostgreSQL's word on a configuration that is new.
 */
final class Observation {
    private static final Duration CONFIGURATION_CHECK = Duration.ofSeconds(5);

    private final Parts parts;
    private final Watching watching;

    Observation(Parts parts, Watching watching) {
        this.parts = parts;
        this.watching = watching;
    }

    Situation of(PostgresCluster cluster, Memory memory, SecretKeeper.Kept secrets, Materials materials, Now now) {
        Names names = Observer.names(cluster);
        Facts facts = RecordedFacts.in(cluster.getStatus());
        List<Endpoint> endpoints = watching.update(cluster, facts, memory, materials);
        Map<String, Seen> sightings = parts.monitors().observation(names);
        Blueprint blueprint = blueprint(cluster, facts, materials);
        ApplicationAccess application = application(cluster, materials);
        Optional<ConfigMap> mounted = parts.cache().get(ConfigMap.class, names.namespace(), names.configMap());
        Configuration wanted = mounted.filter(it -> Situation.isHeld(cluster, facts))
                .flatMap(it -> Configuration.kept(it, materials))
                .orElseGet(() -> memory.rendering().configuration(blueprint));
        ConfigurationGate.Passage configuration = memory.gate()
                .pass(
                        mounted.flatMap(Configuration::hash),
                        wanted,
                        jury(cluster, endpoints, facts, sightings, memory.commands(materials)),
                        now.monotonic());
        ClusterView view = parts.observer()
                .observe(
                        cluster,
                        facts,
                        new Observer.Known(
                                memory.ownEpoch(),
                                parts.leaderSince(),
                                sightings,
                                endpoints.stream().collect(Collectors.toMap(Endpoint::member, Endpoint::host)),
                                new ClusterView.DesiredConfiguration(configuration.hash(), hash(materials)),
                                memory.application(application, facts),
                                problems(secrets, memory, configuration)));
        return new Situation(
                cluster, memory, now, view, blueprint, application, wanted, configuration, secrets.renewAt());
    }

    private Blueprint blueprint(PostgresCluster cluster, Facts facts, Materials materials) {
        return new Blueprint(
                Observer.names(cluster),
                cluster.getMetadata().getUid(),
                cluster.getSpec(),
                facts,
                parts.installation(),
                materials,
                parts.script());
    }

    private static ApplicationAccess application(PostgresCluster cluster, Materials materials) {
        var initdb = cluster.getSpec().bootstrap().initdb();
        return new ApplicationAccess(
                initdb.owner(), materials.password(), initdb.database(), initdb.ownerCanCreateDatabases());
    }

    /** The primary, if it answers, else whoever does. */
    private static ConfigurationGate.Jury jury(
            PostgresCluster cluster,
            List<Endpoint> endpoints,
            Facts facts,
            Map<String, Seen> sightings,
            Commands commands) {
        boolean isYetToBeSeen = endpoints.stream().anyMatch(endpoint -> !sightings.containsKey(endpoint.member()));
        return endpoints.stream()
                .filter(endpoint -> sightings.get(endpoint.member()) != null
                        && sightings.get(endpoint.member()).probe() instanceof Probe.Answered)
                .min(Comparator.comparing(endpoint -> !endpoint.member().equals(facts.primary())))
                .map(endpoint -> new Mandate(endpoint, facts.epoch(), CONFIGURATION_CHECK))
                .<ConfigurationGate.Jury>map(mandate -> new ConfigurationGate.Judge(
                        mandate.endpoint().member(),
                        text -> commands.checkConfiguration(mandate, text, expressions(cluster))))
                .orElse(isYetToBeSeen ? ConfigurationGate.Nobody.YET : ConfigurationGate.Nobody.THERE);
    }

    /** Which the definition cannot compile. */
    private static List<String> expressions(PostgresCluster cluster) {
        return cluster.getSpec().access().stream()
                .flatMap(rule -> rule.databases().stream())
                .filter(database -> database.startsWith("/"))
                .map(database -> database.substring(1))
                .toList();
    }

    private static String hash(Materials materials) {
        return CertificateHash.of(
                materials.server().certificate(), materials.ca().certificate());
    }

    private static List<String> problems(
            SecretKeeper.Kept secrets, Memory memory, ConfigurationGate.Passage configuration) {
        List<String> all = new ArrayList<>(secrets.problems());
        Optional.ofNullable(configuration.complaint()).ifPresent(all::add);
        all.addAll(memory.problems());
        return all;
    }
}
