package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.model.Names;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Where java-operator-sdk and the passes meet; nothing else knows the SDK. */
@ControllerConfiguration(finalizerName = ClusterReconciler.FINALIZER)
final class ClusterReconciler implements Reconciler<PostgresCluster>, Cleaner<PostgresCluster> {
    static final String FINALIZER = "primacy.dev/cluster";

    private final Passes passes;
    private final Metrics metrics;
    private final Changes changes = new Changes();

    ClusterReconciler(Passes passes, Metrics metrics) {
        this.passes = passes;
        this.metrics = metrics;
    }

    /** What wakes a cluster. It is also told of resources that go, without a call to {@link #cleanup} if the finalizer was taken out by hand. */
    private final class Changes extends SimpleInboundEventSource<PostgresCluster>
            implements ResourceEventAware<PostgresCluster> {
        Changes() {
            super("changes");
        }

        @Override
        public void onResourceDeleted(PostgresCluster cluster) {
            passes.gone(cluster);
        }

        /** Of one that goes while the watch is broken, and is made anew, the informer tells a change. */
        @Override
        public void onResourceUpdated(PostgresCluster now, PostgresCluster before) {
            if (!now.getMetadata().getUid().equals(before.getMetadata().getUid())) {
                passes.gone(before);
            }
        }
    }

    /** Something about the cluster changed that the SDK does not watch: an object, a node, a member's answer. */
    void wake(Names cluster) {
        changes.propagateEvent(new ResourceID(cluster.cluster(), cluster.namespace()));
    }

    @Override
    public UpdateControl<PostgresCluster> reconcile(PostgresCluster cluster, Context<PostgresCluster> context) {
        Duration recheck = metrics.timed(() -> passes.run(names(cluster)));
        // Every time: a pass that ends well takes a pending reschedule back.
        return UpdateControl.<PostgresCluster>noUpdate().rescheduleAfter(recheck);
    }

    @Override
    public DeleteControl cleanup(PostgresCluster cluster, Context<PostgresCluster> context) {
        if (passes.remove(cluster)) {
            return DeleteControl.defaultDelete();
        }
        return DeleteControl.noFinalizerRemoval()
                .rescheduleAfter(Duration.ofSeconds(1).toMillis());
    }

    @Override
    public List<EventSource<?, PostgresCluster>> prepareEventSources(EventSourceContext<PostgresCluster> context) {
        return List.of(changes);
    }

    static void configure(ControllerConfigurationOverrider<PostgresCluster> controller, Set<String> namespaces) {
        controller
                .withRetry(new GenericRetry()
                        .withoutMaxAttempts()
                        .setInitialInterval(Duration.ofMillis(500))
                        .setIntervalMultiplier(2)
                        .setMaxInterval(Duration.ofSeconds(15).toMillis()))
                // The SDK's own filter would hide requests, which are annotations; ours hides our own writes of the
                // status.
                .withGenerationAware(false)
                .withOnUpdateFilter(ClusterReconciler::asksForSomething);
        if (!namespaces.isEmpty()) {
            controller.settingNamespaces(namespaces);
        }
    }

    private static boolean asksForSomething(PostgresCluster now, PostgresCluster before) {
        return !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || !Objects.equals(
                        now.getMetadata().getAnnotations(), before.getMetadata().getAnnotations())
                || !Objects.equals(
                        now.getMetadata().getFinalizers(), before.getMetadata().getFinalizers())
                || now.isMarkedForDeletion();
    }

    private static Names names(PostgresCluster cluster) {
        return new Names(
                cluster.getMetadata().getNamespace(), cluster.getMetadata().getName());
    }
}
