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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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

    private volatile @Nullable ClusterReconciler reconciler;
    private volatile @Nullable ClusterCache cache;
    private volatile @Nullable NodeStates nodes;
    private volatile @Nullable NamespaceConsent consent;
    private volatile @Nullable UserSecrets userSecrets;
    private volatile @Nullable SecretKeeper secrets;
    private volatile @Nullable Passes passes;
    private volatile @Nullable Monitors<Names> monitors;
    private volatile @Nullable Operator operator;
    private volatile @Nullable LeaseLeadership election;
    private volatile @Nullable ManagementServer server;

    Replica(Settings settings, KubernetesClient client, ObjectMapper mapper) {
        this.settings = settings;
        this.client = client;
        this.mapper = mapper;
    }

    /** Returns when the operator runs; its threads go on. */
    void run() {
        requireDefinition();
        Metrics metrics = new Metrics(
                () -> operator != null, uid -> Optional.ofNullable(secrets).flatMap(it -> it.certificateEnd(uid)));
        server = new ManagementServer(
                settings.managementPort(),
                () -> cache == null || cache.running(),
                () -> cache != null && cache.watching(),
                () -> metrics.scrape(
                        Optional.ofNullable(passes).map(Passes::views).orElse(Map.of())));
        ClusterCache informed = new ClusterCache(client, settings.namespaces(), this::wake, this::look);
        informed.start(LISTING);
        NodeStates states = NodeStates.watch(client, this::wakeAll);
        nodes = states;
        userSecrets = new UserSecrets(client, this::wake);
        cache = informed;
        LOG.info("Ready {} ms after the start of the process", uptimeMillis());
        Leadership leadership = elect();
        lead(leadership, informed, states, metrics);
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
        if (!settings.leaderElection()) {
            return clock::monotonic;
        }
        LeaseLeadership taking = new LeaseLeadership(client, settings, clock::monotonic, Replica::leadershipLost);
        election = taking;
        CompletableFuture<Void> leading = taking.start();
        leading.join();
        return taking;
    }

    private static void leadershipLost() {
        LOG.error("Another replica may lead now; exiting so that it does so alone");
        Runtime.getRuntime().halt(LEADERSHIP_LOST);
    }

    private void lead(Leadership leadership, ClusterCache informed, NodeStates states, Metrics metrics) {
        Monitors<Names> watching = new Monitors<>(clock::monotonic, leadership, this::wake);
        monitors = watching;
        NamespaceConsent asked = NamespaceConsent.watch(client, this::wakeNamespace);
        consent = asked;
        SecretKeeper keeper = new SecretKeeper(client, informed, users(), settings.lives());
        secrets = keeper;
        Passes made = new Passes(new Parts(
                client,
                informed,
                new Observer(informed, states),
                keeper,
                new Applier(client, informed, mapper),
                asked,
                new ClusterHands(client, informed, mapper),
                new StatusWriter(client, mapper),
                new EventSink(client, settings.pod()),
                new Deletion(client, informed),
                watching,
                clock,
                settings.installation(),
                InstanceScript.load(),
                settings.pod(),
                clock.monotonic()));
        passes = made;
        ClusterReconciler glue = new ClusterReconciler(made, metrics);
        Operator sdk = new Operator(configuration -> configuration
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withExecutorService(Executors.newVirtualThreadPerTaskExecutor())
                .withReconciliationTerminationTimeout(ENDING)
                .withUseSSAToPatchPrimaryResource(false));
        sdk.register(glue, controller -> ClusterReconciler.configure(controller, settings.namespaces()));
        operator = sdk;
        reconciler = glue;
        sdk.start();
    }

    private UserSecrets users() {
        UserSecrets made = userSecrets;
        if (made == null) {
            throw new IllegalStateException("not started");
        }
        return made;
    }

    private void wake(Names cluster) {
        ClusterReconciler glue = reconciler;
        if (glue != null) {
            glue.wake(cluster);
        }
    }

    /** A pod changed: whatever the kubelet saw of its container, the monitor is to see of PostgreSQL. */
    private void look(Names cluster, String member) {
        Monitors<Names> watching = monitors;
        if (watching != null) {
            watching.nudge(cluster, member);
        }
    }

    private void wakeAll(String node) {
        Passes made = passes;
        if (made != null) {
            made.onNode(node).forEach(this::wake);
        }
    }

    private void wakeNamespace(String namespace) {
        Passes made = passes;
        if (made != null) {
            made.inNamespace(namespace).forEach(this::wake);
        }
    }

    /** In the order in which nothing is left half done: no more passes, no more grants, then the Lease for the other replica. */
    @Override
    public void close() {
        LOG.info("Stopping");
        if (operator != null) {
            operator.stop();
        }
        if (monitors != null) {
            monitors.close();
        }
        if (election != null) {
            election.close();
        }
        if (userSecrets != null) {
            userSecrets.close();
        }
        if (consent != null) {
            consent.close();
        }
        if (nodes != null) {
            nodes.close();
        }
        if (cache != null) {
            cache.close();
        }
        if (server != null) {
            server.close();
        }
        client.close();
    }
}
