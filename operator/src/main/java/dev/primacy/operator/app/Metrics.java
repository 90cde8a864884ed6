package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
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
    private final List<Told<ClusterView>> ofClusters = new ArrayList<>();
    private final List<Told<Member>> ofMembers = new ArrayList<>();

    private record Told<T>(MultiGauge gauge, Function<T, @Nullable Number> value) {}

    private record Member(ClusterView cluster, MemberView member) {}

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
                view -> view.status().timeToReadySeconds());
        ofCluster(
                "primacy_cluster_instances",
                "Members that the spec asks for",
                view -> view.spec().instances());
        ofCluster(
                "primacy_cluster_last_failover_timestamp_seconds",
                "When the primary changed last",
                view -> failover(view.status()));
        ofCluster(
                "primacy_cluster_certificate_expiry_timestamp_seconds",
                "When the first of the cluster's certificates ends",
                view -> certificateEnd
                        .apply(view.uid())
                        .map(Instant::getEpochSecond)
                        .orElse(null));
        ofMember(
                "primacy_member_up",
                "Whether the member answers over SQL",
                it -> it.member().probe() instanceof Probe.Answered ? 1 : 0);
        ofMember(
                "primacy_member_primary",
                "Whether the member is the primary that writes are routed to",
                it -> it.member().name().equals(it.cluster().facts().primary()) ? 1 : 0);
        ofMember(
                "primacy_member_timeline",
                "The member's timeline",
                it -> Optional.ofNullable(it.member().position())
                        .map(Position::timeline)
                        .orElse(null));
        ofMember("primacy_member_lag_bytes", "Log that the member has not replayed yet", Metrics::lag);
    }

    private void ofCluster(String name, String meaning, Function<ClusterView, @Nullable Number> value) {
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

    String scrape(Map<Names, ClusterView> views) {
        List<Member> members = views.values().stream()
                .flatMap(view -> view.members().stream().map(member -> new Member(view, member)))
                .toList();
        ofClusters.forEach(told -> register(told, List.copyOf(views.values()), Metrics::tags));
        ofMembers.forEach(told -> register(
                told,
                members,
                it -> tags(it.cluster()).and("member", it.member().name())));
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

    private static Tags tags(ClusterView view) {
        return Tags.of(
                "namespace", view.names().namespace(), "cluster", view.names().cluster());
    }

    private static Number ready(ClusterView view) {
        boolean ready = view.status().conditions().stream()
                .anyMatch(it -> it.getType().equals("Ready") && it.getStatus().equals("True"));
        return ready ? 1 : 0;
    }

    private static @Nullable Number lag(Member it) {
        Probe.Standby standby = it.member().standby();
        MemberView primary = it.cluster().primary().orElse(null);
        Position end = primary == null ? null : primary.position();
        return standby == null || end == null ? null : standby.replayed().behind(end.lsn());
    }

    private static @Nullable Number failover(PostgresClusterStatus status) {
        if (status.lastFailover() == null) {
            return null;
        }
        try {
            return Instant.parse(status.lastFailover().at()).getEpochSecond();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
