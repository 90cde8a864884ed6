package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.PostgresClusterStatus.LastFailover;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.monitor.Seen;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What Prometheus gets. Labels are namespace, cluster and member alone; what is told of clusters is put together when somebody
 * asks, so that it costs nothing otherwise.
 */
final class Metrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Timer reconciliations;
    private final Counter errors;
    private final List<Told<Cluster>> ofClusters = new ArrayList<>();
    private final List<Told<Member>> ofMembers = new ArrayList<>();

    private record Told<T>(MultiGauge gauge, Function<T, @Nullable Number> value) {}

    /**
     * What is known of a cluster.
     *
     * @param status what there was to say last of it
     * @param view as the last pass saw it; null where nothing was begun, since a Secret is missing
     * @param seen what the monitor saw last, by member
     */
    record Cluster(
            Names names,
            PostgresClusterStatus status,
            @Nullable ClusterView view,
            Map<String, Seen> seen) {
        private List<Member> members() {
            return view == null
                    ? List.of()
                    : view.members().stream()
                            .map(member -> new Member(this, member.name(), probe(member)))
                            .toList();
        }

        /** Passes are seldom while nothing happens; the monitor looks every second. */
        private Probe probe(MemberView member) {
            Seen newest = seen.get(member.name());
            return newest == null || !member.isAtHome() ? member.probe() : newest.probe();
        }

        private @Nullable String primary() {
            return view == null ? null : view.facts().primary();
        }

        private @Nullable Probe reigning() {
            return view == null ? null : view.primary().map(this::probe).orElse(null);
        }
    }

    private record Member(Cluster cluster, String name, Probe probe) {
        private boolean isPrimary() {
            return name.equals(cluster.primary());
        }
    }

    /** @param certificateEnd when a cluster's first certificate ends, by the cluster's uid */
    Metrics(BooleanSupplier leads, Function<String, Optional<Instant>> certificateEnd) {
        reconciliations = Timer.builder("primacy_reconcile_duration")
                .description("Time that a reconciliation of one cluster took")
                .register(registry);
        errors = Counter.builder("primacy_reconcile_errors")
                .description("Reconciliations that ended in an unexpected failure and are tried again")
                .register(registry);
        io.micrometer.core.instrument.Gauge.builder("primacy_leader", () -> leads.getAsBoolean() ? 1 : 0)
                .description("Whether this replica leads")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);

        ofCluster("primacy_cluster_ready", "Whether the cluster is Ready", Metrics::ready);
        ofCluster(
                "primacy_cluster_time_to_ready_seconds",
                "Time from the creation of the resource until it was Ready",
                it -> it.status().timeToReadySeconds());
        ofCluster(
                "primacy_cluster_instances",
                "Members that the spec asks for",
                it -> it.view() == null ? null : it.view().spec().instances());
        ofCluster(
                "primacy_cluster_last_failover_timestamp_seconds",
                "When the primary changed last",
                it -> lastFailover(it, last -> Instant.parse(last.at()).getEpochSecond()));
        ofCluster(
                "primacy_cluster_last_failover_write_gap_seconds",
                "For how long no primary took writes then",
                it -> lastFailover(it, last -> last.writeGapMillis() == null ? null : last.writeGapMillis() / 1000.0));
        ofCluster(
                "primacy_cluster_last_failover_lost_bytes",
                "Log of the former primary that the new one lacks; absent while unknown",
                it -> lastFailover(it, last -> last.lostBytes() == null ? null : Long.valueOf(last.lostBytes())));
        ofCluster(
                "primacy_cluster_certificate_expiry_timestamp_seconds",
                "When the first of the cluster's certificates ends",
                it -> Optional.ofNullable(it.view())
                        .flatMap(view -> certificateEnd.apply(view.uid()))
                        .map(Instant::getEpochSecond)
                        .orElse(null));
        ofMember(
                "primacy_member_up",
                "Whether the member answers over SQL",
                it -> it.probe() instanceof Probe.Answered ? 1 : 0);
        ofMember(
                "primacy_member_primary",
                "Whether the member is the primary that writes are routed to",
                it -> it.isPrimary() ? 1 : 0);
        ofMember(
                "primacy_member_timeline",
                "The member's timeline",
                it -> it.probe() instanceof Probe.Answered answered
                        ? answered.position().timeline()
                        : null);
        ofMember(
                "primacy_member_lag_bytes",
                "Log that the standby has not on its disk yet: what a failover to it would lose",
                it -> behind(it, standby -> standby.position().lsn()));
        ofMember(
                "primacy_member_replay_lag_bytes",
                "Log that the standby has not replayed yet: how old its reads are",
                it -> behind(it, Probe.Standby::replayed));
    }

    private void ofCluster(String name, String meaning, Function<Cluster, @Nullable Number> value) {
        ofClusters.add(new Told<>(MultiGauge.builder(name).description(meaning).register(registry), value));
    }

    private void ofMember(String name, String meaning, Function<Member, @Nullable Number> value) {
        ofMembers.add(new Told<>(MultiGauge.builder(name).description(meaning).register(registry), value));
    }

    Duration timed(Supplier<Duration> reconciliation) {
        long begun = System.nanoTime();
        try {
            return reconciliation.get();
        } catch (RuntimeException e) {
            errors.increment();
            throw e;
        } finally {
            reconciliations.record(Duration.ofNanos(System.nanoTime() - begun));
        }
    }

    String scrape(List<Cluster> clusters) {
        List<Member> members =
                clusters.stream().flatMap(cluster -> cluster.members().stream()).toList();
        ofClusters.forEach(told -> register(told, clusters, Metrics::tags));
        ofMembers.forEach(told ->
                register(told, members, it -> tags(it.cluster()).and("member", it.name())));
        return registry.scrape();
    }

    private static <T> void register(Told<T> told, List<T> things, Function<T, Tags> tags) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        for (T thing : things) {
            Number value = told.value().apply(thing);
            if (value != null) {
                rows.add(MultiGauge.Row.of(tags.apply(thing), value));
            }
        }
        told.gauge().register(rows, true);
    }

    private static Tags tags(Cluster cluster) {
        return Tags.of(
                "namespace",
                cluster.names().namespace(),
                "cluster",
                cluster.names().cluster());
    }

    private static Number ready(Cluster cluster) {
        boolean ready = cluster.status().conditions().stream()
                .anyMatch(it -> it.getType().equals("Ready") && it.getStatus().equals("True"));
        return ready ? 1 : 0;
    }

    private static @Nullable Number behind(Member member, Function<Probe.Standby, Lsn> reached) {
        return member.probe() instanceof Probe.Standby standby
                        && member.cluster().reigning() instanceof Probe.Primary primary
                ? reached.apply(standby).behind(primary.position().lsn())
                : null;
    }

    /** What is unknown, or no number or time, has no value. */
    private static @Nullable Number lastFailover(Cluster cluster, Function<LastFailover, @Nullable Number> value) {
        LastFailover last = cluster.status().lastFailover();
        try {
            return last == null ? null : value.apply(last);
        } catch (DateTimeParseException | NumberFormatException e) {
            return null;
        }
    }
}
