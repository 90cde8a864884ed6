package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterStatus.MemberStatus;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Probe;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the cluster is, in the words that people read.
 *
 * @param primaryAvailable the primary takes writes, and -rw leads to it
 * @param replicationHealthy every standby streams
 * @param ready everything is as the spec asks, and the primary may be lost from now on
 * @param changing what the spec asks for is being brought about; the cluster may serve meanwhile
 * @param stalled the reason, in one word, why only a person can help; null when nobody needs to
 */
record Health(
        Phase phase,
        String sentence,
        boolean primaryAvailable,
        boolean replicationHealthy,
        boolean ready,
        boolean changing,
        @Nullable String stalled,
        List<String> notReady) {

    static Health of(ClusterView cluster, Facts facts, List<MemberStatus> members, @Nullable Step step) {
        String writeFailure = cluster.primary()
                .map(MemberView::primary)
                .map(Probe.Primary::writeFailure)
                .orElse(null);
        boolean primaryAvailable = facts.intent() == null
                && cluster.primary().map(MemberView::primary).isPresent()
                && writeFailure == null
                && facts.primary() != null
                && facts.primary().equals(cluster.routed())
                && (cluster.application().hash().equals(cluster.application().appliedHash())
                        || Inherited.application(cluster));
        List<MemberStatus> notReady = members.stream()
                .filter(member -> !Boolean.TRUE.equals(member.ready()))
                .toList();
        boolean standbysReady = members.stream()
                .filter(member -> !member.name().equals(facts.primary()))
                .allMatch(member -> Boolean.TRUE.equals(member.ready()));
        boolean complete = members.size() == cluster.spec().instances();
        boolean failsOver = PromotableSet.isWhole(facts);
        boolean ready = primaryAvailable
                && standbysReady
                && failsOver
                && complete
                && cluster.problems().isEmpty()
                && VolumeGrowth.failure(cluster).isEmpty()
                && !(step instanceof Step.Stall);
        boolean changing = SpecChange.isUnderWay(cluster, step);
        return new Health(
                phase(cluster, facts, step, ready, changing),
                writeFailure == null
                        ? sentence(cluster, facts, step, ready, notReady, primaryAvailable && !failsOver)
                        : facts.primary() + " cannot write: " + writeFailure
                                + ". Make room on its volume (storage.data), or switch over",
                primaryAvailable,
                primaryAvailable && standbysReady,
                ready,
                changing,
                step instanceof Step.Stall(String reason, String ignored) ? reason : null,
                notReady.stream().map(Health::nameAndState).toList());
    }

    private static String nameAndState(MemberStatus member) {
        return member.name() + " (" + member.state() + ")";
    }

    private static Phase phase(ClusterView cluster, Facts facts, @Nullable Step step, boolean ready, boolean changing) {
        return switch (step) {
            case Step.Stall ignored -> Phase.Stalled;
            case Step.Act act when act.phase() != Phase.Running -> act.phase();
            case null, default -> {
                if (facts.intent() != null) {
                    yield Phase.of(facts.intent());
                }
                if (cluster.spec().paused()) {
                    yield Phase.Paused;
                }
                if (ready) {
                    yield changing ? Phase.Updating : Phase.Running;
                }
                yield cluster.status().timeToReadySeconds() == null ? Phase.Creating : Phase.Degraded;
            }
        };
    }

    private static String sentence(
            ClusterView cluster,
            Facts facts,
            @Nullable Step step,
            boolean ready,
            List<MemberStatus> notReady,
            boolean cannotFailOver) {
        if (step instanceof Step.Stall(String ignored, String message)) {
            return message;
        }
        if (!cluster.problems().isEmpty()) {
            return String.join("; ", cluster.problems());
        }
        if (step instanceof Step.Act act && act.phase() != Phase.Running) {
            return "Waiting for " + act.waitingFor();
        }
        if (facts.intent() != null) {
            return facts.intent().reason();
        }
        Optional<String> awaited = awaited(cluster, notReady);
        Optional<String> volumes = VolumeGrowth.failure(cluster);
        if (volumes.isPresent()) {
            // That may stay so for long, and must not hide that a member is missing.
            return awaited.map(words -> words + ". ").orElse("") + volumes.get();
        }
        if (cluster.spec().paused()) {
            return "spec.paused is true: changes of the spec wait; failover goes on";
        }
        if (ready) {
            int standbys = facts.members().size() - 1;
            return facts.primary() + " is the primary"
                    + switch (standbys) {
                        case 0 -> "";
                        case 1 -> "; one standby streams";
                        default -> "; " + standbys + " standbys stream";
                    }
                    + SpecChange.progress(cluster).map(words -> "; " + words).orElse("");
        }
        return awaited.orElse(
                cannotFailOver
                        ? "Waiting for " + facts.primary() + " to be told who may take over from it"
                        : "Waiting for the application's role and database, and for the Service to lead to the primary");
    }

    /** The first that gives no answer in full, since there may be something to do about it; the others by name and state. */
    private static Optional<String> awaited(ClusterView cluster, List<MemberStatus> notReady) {
        if (notReady.isEmpty()) {
            return Optional.empty();
        }
        Optional<MemberStatus> first =
                notReady.stream().filter(member -> isSilent(member, cluster)).findFirst();
        Optional<String> full = first.map(MemberStatus::name).map(name -> MemberWords.of(name, cluster));
        Optional<String> others = notReady.stream()
                .filter(member -> first.filter(member::equals).isEmpty())
                .map(Health::nameAndState)
                .reduce((a, b) -> a + ", " + b);
        return Optional.of("Waiting for "
                + Stream.concat(full.stream(), others.stream()).collect(Collectors.joining(". Also for "))
                + advice(cluster));
    }

    /** While a copy of the data is on its way to it, the primary knows how far it is, and the state says so. */
    private static boolean isSilent(MemberStatus status, ClusterView cluster) {
        MemberView member = cluster.member(status.name()).orElse(null);
        Probe.Primary primary = cluster.primary().map(MemberView::primary).orElse(null);
        return (member == null || member.answered() == null)
                && MemberReport.copying(status.name(), primary).isEmpty();
    }

    /** What a person can do about a standby, where the operator cannot or must not yet. */
    private static String advice(ClusterView cluster) {
        Optional<String> first = cluster.members().stream()
                .filter(member -> cluster.facts().members().contains(member.name()))
                .filter(member -> !member.name().equals(cluster.facts().primary()))
                .flatMap(member -> advice(member, cluster).stream())
                .findFirst();
        return Stream.concat(Membership.held(cluster).stream(), first.stream())
                .map(words -> ". " + words)
                .collect(Collectors.joining());
    }

    private static Optional<String> advice(MemberView member, ClusterView cluster) {
        String rebuild = "kubectl annotate pgc " + cluster.names().cluster() + " primacy.dev/rebuild=" + member.name();
        if (Membership.leaving(cluster).contains(member.name()) && Membership.isStuck(member)) {
            String node = Objects.requireNonNull(member.pod()).node();
            return Optional.of("It is to be removed, and goes when its node does: if " + node
                    + " is gone for good, delete the Node, or taint it node.kubernetes.io/out-of-service");
        }
        if (member.claim() != null && !member.claim().isToBeBound() && Rebuild.isStranded(member)) {
            // Whether its node comes back, nobody but a person knows.
            return Optional.of("If the node with the volume of " + member.name() + " is gone for good: " + rebuild
                    + " makes it anew on another");
        }
        Probe.Primary primary = cluster.primary().map(MemberView::primary).orElse(null);
        if (member.probe() instanceof Probe.Starting && primary != null && primary.streamsTo(member.name())) {
            return Optional.of("It streams, and lets nobody in before it has replayed enough and transactions with many"
                    + " subtransactions (savepoints, EXCEPTION blocks) that were open have ended on "
                    + cluster.facts().primary() + ": see pg_stat_activity there");
        }
        if (member.answered() == null && Rejoin.isUnreadable(member, cluster)) {
            return Optional.of("It is cloned anew after " + Timing.BROKEN_AFTER.toMinutes()
                    + " minutes, while the primary answers; at once by: " + rebuild);
        }
        return member.answered() == null
                        && member.pod() != null
                        && member.pod().container().dataIsUnreadable()
                ? Optional.of("If nothing of that is needed: " + rebuild + " clones it anew")
                : Optional.empty();
    }
}
