package dev.primacy.operator.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.kube.Applier;
import dev.primacy.operator.kube.ClusterCache;
import dev.primacy.operator.kube.ClusterHands;
import dev.primacy.operator.kube.Deletion;
import dev.primacy.operator.kube.EventSink;
import dev.primacy.operator.kube.NamespaceConsent;
import dev.primacy.operator.kube.NodeStates;
import dev.primacy.operator.kube.Observer;
import dev.primacy.operator.kube.Pruner;
import dev.primacy.operator.kube.SecretKeeper;
import dev.primacy.operator.kube.StatusWriter;
import dev.primacy.operator.kube.UserSecrets;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.monitor.Leadership;
import dev.primacy.operator.monitor.Monitors;
import dev.primacy.operator.render.InstanceScript;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything of the operator, put together by hand: first what a replica that waits needs, then what the leader does. */
final class Replica implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);
    private static final Duration LISTING = Duration.ofSeconds(60);
    /** What is under way when the process is told to stop may end. */
    private static final Duration ENDING = Duration.ofSeconds(5);

    private static final int LEADERSHIP_LOST = 1;

    private final Settings settings;
    private final KubernetesClient client;
    private final ObjectMapper mapper;
    private final Clock clock = new Clock();

    /** How to close what is open, the last first. */
    private final Deque<Runnable> closings = new ConcurrentLinkedDeque<>();

    /** Null until this replica is ready. */
    private volatile @Nullable ClusterCache cache;

    /** Null until this replica leads. */
    private volatile @Nullable Leading leading;

    private record Leading(
            Passes passes, Monitors<Names> monitors, SecretKeeper secrets, ClusterReconciler reconciler) {}

    Replica(Settings settings, KubernetesClient client, ObjectMapper mapper) {
        this.settings = settings;
        this.client = client;
        this.mapper = mapper;
    }

    /** Returns when the operator runs; its threads go on. */
    void run() {
        requireDefinition();
        Metrics metrics = new Metrics(
                () -> leading != null,
                uid -> leading().flatMap(it -> it.secrets().certificateEnd(uid)));
        ManagementServer server = new ManagementServer(
                settings.managementPort(),
                () -> cache == null || cache.running(),
                () -> cache != null && cache.watching(),
                () -> metrics.scrape(leading().map(it -> it.passes().known()).orElse(List.of())));
        closings.push(server::close);
        ClusterCache informed = new ClusterCache(client, settings.namespaces(), this::wake, this::look);
        closings.push(informed::close);
        informed.start(LISTING);
        NodeStates nodes = NodeStates.watch(client, this::wakeAll);
        closings.push(nodes::close);
        UserSecrets userSecrets = new UserSecrets(client, this::wake);
        closings.push(userSecrets::close);
        cache = informed;
        LOG.info("Ready {} ms after the start of the process", uptimeMillis());
        Leadership leadership = elect();
        lead(leadership, informed, nodes, userSecrets, metrics);
        LOG.info("Leading; {} ms after the start of the process", uptimeMillis());
    }

    private static long uptimeMillis() {
        return java.lang.management.ManagementFactory.getRuntimeMXBean().getUptime();
    }

    private void requireDefinition() {
        try {
            var definitions = client.resources(PostgresCluster.class);
            var limit = new ListOptionsBuilder().withLimit(1L).build();
            if (settings.namespaces().isEmpty()) {
                definitions.inAnyNamespace().list(limit);
            } else {
                settings.namespaces()
                        .forEach(namespace -> definitions.inNamespace(namespace).list(limit));
            }
        } catch (KubernetesClientException e) {
            String what = switch (e.getCode()) {
                case HttpURLConnection.HTTP_NOT_FOUND ->
                    "the API server does not know PostgresClusters; install the definition: kubectl apply -f crds/";
                case HttpURLConnection.HTTP_FORBIDDEN ->
                    "the operator may not list PostgresClusters (" + e.getMessage()
                            + "); bind its service account to the Role or ClusterRole of the chart";
                default -> "the API server does not list PostgresClusters: " + e.getMessage();
            };
            throw new IllegalStateException(what, e);
        }
    }

    private Leadership elect() {
        LeaseLeadership taking = new LeaseLeadership(client, settings, clock::monotonic, Replica::leadershipLost);
        closings.push(taking::close);
        CompletableFuture<Void> taken = taking.start();
        taken.join();
        return taking;
    }

    private static void leadershipLost() {
        LOG.error("Another replica may lead now; exiting so that it does so alone");
        Runtime.getRuntime().halt(LEADERSHIP_LOST);
    }

    private void lead(
            Leadership leadership, ClusterCache informed, NodeStates nodes, UserSecrets userSecrets, Metrics metrics) {
        NamespaceConsent consent = NamespaceConsent.watch(client, this::wakeNamespace);
        closings.push(consent::close);
        Monitors<Names> monitors = new Monitors<>(clock::monotonic, leadership, this::wake);
        closings.push(monitors::close);
        SecretKeeper secrets = new SecretKeeper(client, informed, userSecrets, settings.lives());
        EventSink events = new EventSink(client, settings.pod());
        closings.push(events::close);
        Passes passes = new Passes(new Parts(
                client,
                informed,
                new Observer(informed, nodes),
                secrets,
                new Applier(client, informed, mapper),
                new Pruner(client, informed),
                consent,
                new ClusterHands(client, informed, mapper),
                new StatusWriter(client, mapper),
                events,
                new Deletion(client, informed),
                monitors,
                clock,
                settings.installation(),
                InstanceScript.load(),
                settings.pod(),
                leadership,
                clock.monotonic()));
        ClusterReconciler reconciler = new ClusterReconciler(passes, metrics);
        Operator sdk = new Operator(configuration -> configuration
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withExecutorService(Executors.newVirtualThreadPerTaskExecutor())
                .withReconciliationTerminationTimeout(ENDING)
                .withUseSSAToPatchPrimaryResource(false));
        sdk.register(reconciler, controller -> ClusterReconciler.configure(controller, settings.namespaces()));
        closings.push(sdk::stop);
        leading = new Leading(passes, monitors, secrets, reconciler);
        sdk.start();
    }

    private Optional<Leading> leading() {
        return Optional.ofNullable(leading);
    }

    private void wake(Names cluster) {
        leading().ifPresent(it -> it.reconciler().wake(cluster));
    }

    /** A pod changed: whatever the kubelet saw of its container, the monitor is to see of PostgreSQL. */
    private void look(Names cluster, String member) {
        leading().ifPresent(it -> it.monitors().nudge(cluster, member));
    }

    private void wakeAll(String node) {
        leading().ifPresent(it -> it.passes().onNode(node).forEach(this::wake));
    }

    private void wakeNamespace(String namespace) {
        leading().ifPresent(it -> it.passes().inNamespace(namespace).forEach(this::wake));
    }

    /** In the order in which nothing is left half done: no more passes, no more grants, then the Lease for the other replica. */
    @Override
    public void close() {
        LOG.info("Stopping");
        for (Runnable closing = closings.poll(); closing != null; closing = closings.poll()) {
            closing.run();
        }
        client.close();
    }
}
