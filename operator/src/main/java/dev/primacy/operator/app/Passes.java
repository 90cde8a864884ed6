package dev.primacy.operator.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Decider;
import dev.primacy.operator.decide.Decision;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.decide.Trace;
import dev.primacy.operator.kube.Executor;
import dev.primacy.operator.kube.Kubernetes;
import dev.primacy.operator.kube.Observer;
import dev.primacy.operator.kube.SecretKeeper;
import dev.primacy.operator.kube.StatusWriter;
import dev.primacy.operator.kube.WaitingStatus;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.RecordedFacts;
import dev.primacy.operator.monitor.Seen;
import dev.primacy.operator.monitor.Watch;
import dev.primacy.operator.postgres.ApplicationAccess;
import dev.primacy.operator.postgres.CertificateHash;
import dev.primacy.operator.postgres.Endpoint;
import dev.primacy.operator.render.Blueprint;
import dev.primacy.operator.render.Configuration;
import dev.primacy.operator.render.Hash;
import dev.primacy.operator.render.Materials;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs the passes of a cluster: observe, decide, act. A pass that acted or wrote facts is followed at once by the next, until
 * one finds nothing to do.
 */
final class Passes {
    private static final Logger LOG = LoggerFactory.getLogger(Passes.class);
    private static final Logger TRACE = LoggerFactory.getLogger("dev.primacy.trace");
    private static final ObjectMapper MAPPER = Kubernetes.mapper();

    /** A bound against running for ever; the rest follows in the next reconciliation, at once. */
    private static final int AT_ONCE = 30;

    /** What was tried in vain is tried again after this, or when something is seen to change. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    /** A configuration that PostgreSQL did not accept is shown to it again after this: the check itself may have failed. */
    private static final Duration CONFIGURATION_AGAIN = Duration.ofSeconds(10);

    private static final Duration FRESH_LOOK = Duration.ofSeconds(1);

    private final Parts parts;
    private final ObjectsOfCluster objects;
    private final Decider decider = new Decider();
    private final Map<Names, Memory> memories = new ConcurrentHashMap<>();

    Passes(Parts parts) {
        this.parts = parts;
        this.objects = new ObjectsOfCluster(parts);
    }

    /** @return when to look again even if nothing is seen to change */
    Duration run(Names names) {
        MDC.clear(); // of what the SDK puts there
        MDC.put("cluster", names.namespace() + "/" + names.cluster());
        try {
            List<Action> before = List.of();
            PostgresCluster cluster = read(names);
            for (int i = 0; i < AT_ONCE; i++) {
                if (cluster == null || cluster.getMetadata().getDeletionTimestamp() != null) {
                    return AGAIN;
                }
                Ended ended = pass(cluster, before);
                if (ended.recheck() != null) {
                    return ended.recheck();
                }
                before = ended.acted();
                cluster = ended.cluster() != null ? ended.cluster() : read(names);
            }
            return Duration.ZERO;
        } finally {
            MDC.clear();
        }
    }

    /**
     * @param recheck when to look again; null when the next pass is to follow at once
     * @param cluster the resource as it is now, if known
     */
    private record Ended(
            @Nullable Duration recheck, @Nullable PostgresCluster cluster, List<Action> acted) {
        static Ended again(@Nullable PostgresCluster cluster) {
            return new Ended(null, cluster, List.of());
        }

        static Ended resting(Duration recheck) {
            return new Ended(recheck, null, List.of());
        }
    }

    private @Nullable PostgresCluster read(Names names) {
        return parts.client()
                .resources(PostgresCluster.class)
                .inNamespace(names.namespace())
                .withName(names.cluster())
                .get();
    }

    private Ended pass(PostgresCluster cluster, List<Action> before) {
        Names names = Observer.names(cluster);
        Memory memory = memories.computeIfAbsent(
                names, it -> new Memory(parts.identity(), new ConfigurationGate(parts.cache())));
        Now now = parts.clock().now();
        Facts facts = RecordedFacts.in(cluster.getStatus());
        SecretKeeper.Kept secrets =
                parts.secrets().keep(names, cluster.getMetadata().getUid(), cluster.getSpec(), now.wall());
        Materials materials = secrets.materials();
        if (materials == null) {
            return waiting(cluster, secrets, now);
        }
        List<Endpoint> endpoints = watch(names, cluster, facts, memory, materials);
        ApplicationAccess application = application(cluster, materials);
        Map<String, Seen> observation = parts.monitors().observation(names);
        ConfigurationGate.Passage passage = memory.gate()
                .pass(
                        names,
                        Configuration.of(blueprint(cluster, facts, materials)),
                        facts,
                        ConfigurationGate.endpoint(endpoints, facts, probe(observation, facts.primary())),
                        memory.commands(materials));
        ClusterView view = parts.observer()
                .observe(
                        cluster,
                        facts,
                        new Observer.Known(
                                memory.ownEpoch(),
                                parts.leaderSince(),
                                observation,
                                new ClusterView.DesiredConfiguration(
                                        passage.hash(),
                                        CertificateHash.of(
                                                materials.server().certificate(),
                                                materials.ca().certificate())),
                                new ClusterView.Application(hash(application), memory.applied(facts)),
                                memory.claimRefusals(),
                                problems(secrets, memory, passage)));
        memory.saw(view);
        Decision decision = decider.decide(view, now);
        trace(view, decision, now);
        if (!decision.facts().equals(facts)) {
            return record(cluster, decision, memory, materials);
        }
        return act(cluster, view, decision, before, memory, materials, application, secrets, passage, now);
    }

    /** At level DEBUG every pass can be told afterwards, and held against the invariants (see TraceInvariants among the tests). */
    private void trace(ClusterView view, Decision decision, Now now) {
        if (TRACE.isDebugEnabled()) {
            try {
                TRACE.debug(MAPPER.writeValueAsString(Trace.of(parts.identity(), view, decision, now)));
            } catch (JsonProcessingException e) {
                TRACE.debug("A pass cannot be told", e);
            }
        }
    }

    /** Nothing is begun before the Secrets that the user has to give are there. */
    private Ended waiting(PostgresCluster cluster, SecretKeeper.Kept secrets, Now now) {
        String words = String.join("; ", secrets.problems());
        parts.events().say(cluster, Event.warning("WaitingForSecret", words), now.wall());
        parts.status()
                .write(
                        cluster,
                        WaitingStatus.of(
                                cluster.getStatus(), cluster.getMetadata().getGeneration(), words, now.wall()),
                        now.monotonic());
        return Ended.resting(Duration.ofSeconds(30));
    }

    private static List<String> problems(SecretKeeper.Kept secrets, Memory memory, ConfigurationGate.Passage passage) {
        List<String> all = new ArrayList<>(secrets.problems());
        Optional.ofNullable(passage.complaint()).ifPresent(all::add);
        all.addAll(memory.problems());
        return all;
    }

    /** Facts are written before anything is done because of them; grants that they forbid stop even before. */
    private Ended record(PostgresCluster cluster, Decision decision, Memory memory, Materials materials) {
        Names names = Observer.names(cluster);
        watch(names, cluster, decision.facts(), memory, materials);
        StatusWriter.Result result =
                parts.status().write(cluster, decision.status(), parts.clock().monotonic());
        return switch (result) {
            case StatusWriter.Result.Written written -> {
                if (decision.facts().epoch()
                        > RecordedFacts.in(cluster.getStatus()).epoch()) {
                    memory.raised(decision.facts().epoch());
                }
                decision.events()
                        .forEach(event -> parts.events()
                                .say(cluster, event, parts.clock().now().wall()));
                yield Ended.again(written.resource());
            }
            case StatusWriter.Result.Conflict c -> Ended.again(null);
            case StatusWriter.Result.Gone g -> Ended.resting(AGAIN);
            case StatusWriter.Result.Unchanged u -> {
                LOG.error("The status does not show the facts that were decided: {}", decision.facts());
                yield Ended.resting(AGAIN);
            }
            case StatusWriter.Result.Failed failed -> {
                LOG.warn("Cannot write the status: {}", failed.reason());
                yield Ended.resting(AGAIN);
            }
        };
    }

    private Ended act(
            PostgresCluster cluster,
            ClusterView view,
            Decision decision,
            List<Action> before,
            Memory memory,
            Materials materials,
            ApplicationAccess application,
            SecretKeeper.Kept secrets,
            ConfigurationGate.Passage passage,
            Now now) {
        List<Action> urgent = decision.actions().stream()
                .filter(it -> it instanceof Action.Route)
                .toList();
        List<Action> others = decision.actions().stream()
                .filter(it -> !(it instanceof Action.Route))
                .collect(Collectors.toCollection(ArrayList::new));
        if (others.isEmpty()
                && memory.applicationCheckIsDue(now.monotonic())
                && view.facts().primary() != null) {
            others.add(new Action.EnsureApplication(view.facts().primary(), hash(application)));
        }
        Executor.Report routed = run(view, urgent, memory, materials, application, now);
        objects.apply(view, decision, blueprint(cluster, view.facts(), materials), memory, passage.open());
        Optional.ofNullable(passage.complaint())
                .ifPresent(complaint ->
                        parts.events().say(cluster, Event.warning("ConfigurationRejected", complaint), now.wall()));
        Executor.Report report =
                run(view, others, memory, materials, application, now).after(routed);
        memory.acted(report, parts.clock().monotonic());
        decision.events().forEach(event -> parts.events().say(cluster, event, now.wall()));
        StatusWriter.Result written = parts.status().write(cluster, decision.status(), now.monotonic());
        if (report.supersededBy() != null) {
            parts.events()
                    .say(
                            cluster,
                            Event.warning(
                                    "Superseded", "another operator replica acts under epoch " + report.supersededBy()),
                            now.wall());
        }
        boolean news = !report.done().isEmpty() && !decision.actions().equals(before);
        if (news) {
            // The next pass is to see what came of it, not what was before.
            parts.monitors().probeNow(view.names(), FRESH_LOOK);
            boolean consumed = report.done().stream().anyMatch(it -> it instanceof Action.ConsumeRequest);
            PostgresCluster next = written instanceof StatusWriter.Result.Written it ? it.resource() : cluster;
            boolean stale = consumed || written instanceof StatusWriter.Result.Conflict;
            return new Ended(null, stale ? null : next, decision.actions());
        }
        Duration recheck = recheck(decision, report, secrets, now);
        return Ended.resting(passage.open() ? recheck : shorter(recheck, CONFIGURATION_AGAIN));
    }

    private static Duration recheck(Decision decision, Executor.Report report, SecretKeeper.Kept secrets, Now now) {
        Duration recheck = decision.recheckAfter();
        if (!decision.actions().isEmpty() || !report.failures().isEmpty()) {
            recheck = shorter(recheck, AGAIN);
        }
        if (secrets.renewAt() != null) {
            recheck = shorter(
                    recheck, Duration.between(now.wall(), secrets.renewAt()).plusMillis(100));
        }
        return recheck.isNegative() ? Duration.ZERO : recheck;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private Executor.Report run(
            ClusterView view,
            List<Action> actions,
            Memory memory,
            Materials materials,
            ApplicationAccess application,
            Now now) {
        return parts.hands().run(view, actions, memory.commands(materials), application, now.wall());
    }

    /** Tells the monitor whom to look at, and who may stay writable. */
    private List<Endpoint> watch(
            Names names, PostgresCluster cluster, Facts facts, Memory memory, Materials materials) {
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
                        new Watch(endpoints, facts.epoch(), own ? granted : null, intent != null));
        return endpoints;
    }

    private static @Nullable Probe probe(Map<String, Seen> observation, @Nullable String member) {
        Seen seen = member == null ? null : observation.get(member);
        return seen == null ? null : seen.probe();
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

    private static String hash(ApplicationAccess access) {
        return Hash.of(
                access.owner(), access.password(), access.database(), Boolean.toString(access.createDatabases()));
    }

    /** @return whether nothing of the deleted cluster has to be waited for any more */
    boolean remove(PostgresCluster cluster) {
        Names names = Observer.names(cluster);
        MDC.clear(); // of what the SDK puts there
        MDC.put("cluster", names.namespace() + "/" + names.cluster());
        try {
            parts.monitors().stop(names);
            if (!parts.deletion().isDone(cluster, parts.clock().now().wall())) {
                return false;
            }
            forget(names, cluster.getMetadata().getUid());
            return true;
        } finally {
            MDC.clear();
        }
    }

    private void forget(Names names, String uid) {
        Memory memory = memories.remove(names);
        if (memory != null) {
            memory.close();
        }
        parts.secrets().forget(names, uid);
        parts.status().forget(uid);
        parts.applier().forget(names);
        parts.cache().forget(names);
        LOG.info("The cluster is gone");
    }

    List<Names> inNamespace(String namespace) {
        return memories.keySet().stream()
                .filter(names -> names.namespace().equals(namespace))
                .toList();
    }

    /** The clusters that have a pod on the node. */
    List<Names> onNode(String node) {
        return views().values().stream()
                .filter(view -> view.members().stream()
                        .anyMatch(member ->
                                member.pod() != null && node.equals(member.pod().node())))
                .map(ClusterView::names)
                .toList();
    }

    /** The latest views, for metrics. */
    Map<Names, ClusterView> views() {
        return memories.entrySet().stream()
                .filter(it -> it.getValue().lastView() != null)
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        it -> Objects.requireNonNull(it.getValue().lastView())));
    }
}
