package dev.primacy.operator.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus.PendingRestart;
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
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.render.Materials;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over one cluster: observe, decide, act, report. */
final class Pass {
    private static final Logger TRACE = LoggerFactory.getLogger("dev.primacy.trace");
    private static final ObjectMapper MAPPER = Kubernetes.mapper();

    /** What was tried in vain is tried again after this, or when something is seen to change. */
    static final Duration AGAIN = Duration.ofSeconds(1);

    /** What the API server refused may be taken once somebody has mended what its words name, of which nothing else may tell. */
    private static final Duration REFUSED_AGAIN = Duration.ofSeconds(10);

    private static final Duration FRESH_LOOK = Duration.ofSeconds(1);

    private final Parts parts;
    private final MissingSecrets missing;
    private final Observation observation;
    private final Decider decider = new Decider();
    private final Recording recording;
    private final Acting acting;

    Pass(Parts parts) {
        this.parts = parts;
        Watching watching = new Watching(parts);
        this.missing = new MissingSecrets(parts.client(), parts.status(), parts.events());
        this.observation = new Observation(parts, watching);
        this.recording = new Recording(parts, watching);
        this.acting = new Acting(parts);
    }

    /** @param before what the pass just before this one did */
    Next run(PostgresCluster cluster, Memory memory, List<Action> before) {
        Now now = parts.clock().now();
        SecretKeeper.Kept secrets = parts.secrets()
                .keep(Observer.names(cluster), cluster.getMetadata().getUid(), cluster.getSpec(), now.wall());
        Materials materials = secrets.materials();
        if (materials == null) {
            return missing.await(cluster, secrets.problems(), now);
        }
        Situation situation = observation.of(cluster, memory, secrets, materials, now);
        memory.saw(situation.view());
        Decision decision = decider.decide(situation.view(), now);
        trace(situation.view(), decision, now);
        if (decision.rule().equals(Decider.AWAKE)) {
            return new Next.Rest(decision.recheckAfter());
        }
        if (!decision.facts().equals(situation.view().facts())) {
            return recording.write(situation, decision);
        }
        if (isUnannounced(cluster, decision)
                && parts.status().write(cluster, decision.status(), now.monotonic())
                        instanceof StatusWriter.Result.Written announced) {
            return new Next.AtOnce(announced.resource(), before);
        }
        Executor.Report report = acting.carryOut(situation, decision);
        boolean news = !report.done().isEmpty() && !decision.actions().equals(before);
        StatusWriter.Result written = report(situation, decision, report, news);
        if (news) {
            return lookAgain(situation, decision, report, written);
        }
        return new Next.Rest(recheck(situation, decision, report, written));
    }

    /** What is about to be restarted is in the status before, not only when it is down. */
    private static boolean isUnannounced(PostgresCluster cluster, Decision decision) {
        PendingRestart waiting = decision.status().pendingRestart();
        PendingRestart announced =
                cluster.getStatus() == null ? null : cluster.getStatus().pendingRestart();
        return waiting != null
                && !waiting.equals(announced)
                && decision.actions().stream()
                        .anyMatch(it -> it instanceof Action.RestartInPlace || it instanceof Action.DeletePod);
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

    /** @param news whether the next pass follows at once, and will have more to say; clients without a primary do not wait for words */
    private StatusWriter.Result report(Situation situation, Decision decision, Executor.Report report, boolean news) {
        PostgresCluster cluster = situation.cluster();
        Now now = situation.now();
        boolean answered = consumes(report);
        for (Event event : decision.events()) {
            if (answered) {
                parts.events().tell(cluster, event, now.wall()); // whoever asks again is answered again
            } else {
                parts.events().say(cluster, event, now.wall());
            }
        }
        StatusWriter.Result written = news && situation.view().facts().intent() != null
                ? new StatusWriter.Result.Unchanged()
                : parts.status().write(cluster, decision.status(), now.monotonic());
        report.failures().stream()
                .filter(Executor.Failure::refused)
                .forEach(failure -> parts.events()
                        .say(cluster, Event.warning("ConfigurationRejected", failure.words()), now.wall()));
        if (report.supersededBy() != null) {
            parts.events()
                    .say(
                            cluster,
                            Event.warning(
                                    "Superseded", "another operator replica acts under epoch " + report.supersededBy()),
                            now.wall());
        }
        return written;
    }

    /** A request by annotation was taken up or refused. */
    private static boolean consumes(Executor.Report report) {
        return report.done().stream().anyMatch(it -> it instanceof Action.ConsumeRequest);
    }

    /** The next pass is to see what came of it, not what was before. */
    private Next lookAgain(
            Situation situation, Decision decision, Executor.Report report, StatusWriter.Result written) {
        parts.monitors().probeNow(situation.view().names(), FRESH_LOOK);
        if (consumes(report) || written instanceof StatusWriter.Result.Conflict) {
            return new Next.AtOnce(null, decision.actions());
        }
        PostgresCluster known = written instanceof StatusWriter.Result.Written it ? it.resource() : situation.cluster();
        return new Next.AtOnce(known, decision.actions());
    }

    private static Duration recheck(
            Situation situation, Decision decision, Executor.Report report, StatusWriter.Result written) {
        Duration recheck = decision.recheckAfter();
        if (!decision.actions().isEmpty() || !report.failures().isEmpty() || written.isToBeTriedAgain()) {
            recheck = shorter(recheck, AGAIN);
        }
        if (!situation.memory().unapplied().isEmpty()) {
            recheck = shorter(recheck, REFUSED_AGAIN);
        }
        if (situation.renewAt() != null) {
            Duration left = Duration.between(situation.now().wall(), situation.renewAt());
            recheck = shorter(recheck, left.plusMillis(100));
        }
        if (!situation.configuration().open()) {
            recheck = shorter(recheck, ConfigurationGate.AGAIN);
        }
        return recheck.isNegative() ? Duration.ZERO : recheck;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
