package dev.primacy.operator.app;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Decision;
import dev.primacy.operator.kube.StatusWriter;
import dev.primacy.operator.model.RecordedFacts;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Facts are written before anything is done because of them; grants that they forbid stop even before. */
final class Recording {
    private static final Logger LOG = LoggerFactory.getLogger(Recording.class);

    /** A person has to mend it; nobody has to wait long then. */
    private static final Duration OUTDATED_DEFINITION = Duration.ofSeconds(10);

    private final Parts parts;
    private final Watching watching;

    Recording(Parts parts, Watching watching) {
        this.parts = parts;
        this.watching = watching;
    }

    /**
     * A grant needs a leadership that was confirmed after the primary was heard, and this one was heard for the first time a moment ago: asked
     * now, it need not wait for the Lease's next renewal, and others may take over from it that much sooner.
     */
    private static boolean isFirstPrimary(Situation situation, Decision decision) {
        return situation.view().facts().primary() == null && decision.facts().primary() != null;
    }

    Next write(Situation situation, Decision decision) {
        PostgresCluster cluster = situation.cluster();
        Memory memory = situation.memory();
        watching.update(cluster, decision.facts(), memory, situation.blueprint().materials());
        StatusWriter.Result result =
                parts.status().write(cluster, decision.status(), parts.clock().monotonic());
        return switch (result) {
            case StatusWriter.Result.Written written
            when !RecordedFacts.in(written.resource().getStatus()).equals(decision.facts()) -> {
                // The API server drops fields that it does not know; to try again at once would never end.
                LOG.error(
                        "The CustomResourceDefinition postgresclusters.primacy.dev is older than this operator: it does not keep"
                                + " what the operator writes. Apply the one of this version (crds/, or the chart with"
                                + " crds.enabled=true)");
                yield new Next.Rest(OUTDATED_DEFINITION);
            }
            case StatusWriter.Result.Written written -> {
                if (decision.facts().epoch() > situation.view().facts().epoch()) {
                    memory.raised(decision.facts().epoch());
                }
                decision.events()
                        .forEach(event -> parts.events()
                                .tell(cluster, event, parts.clock().now().wall()));
                yield isFirstPrimary(situation, decision) && !parts.leadership().isStillHeld()
                        ? new Next.Rest(Pass.AGAIN)
                        : new Next.AtOnce(written.resource(), List.of());
            }
            case StatusWriter.Result.Conflict c -> new Next.AtOnce(null, List.of());
            case StatusWriter.Result.Gone g -> new Next.Rest(Pass.AGAIN);
            case StatusWriter.Result.Unchanged u -> {
                LOG.error("The status does not show the facts that were decided: {}", decision.facts());
                yield new Next.Rest(Pass.AGAIN);
            }
            case StatusWriter.Result.Failed failed -> {
                LOG.warn("Cannot write the status: {}", failed.reason());
                yield new Next.Rest(Pass.AGAIN);
            }
        };
    }
}
