package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Rule 12: hands the primary's role over while everything is well – when asked, and before the primary's node is drained (9c). */
final class PlannedSwitchover implements Rule {
    static final String REQUEST = "switchover";

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        MemberView primary = cluster.primary().orElse(null);
        if (primary == null || !(primary.probe() instanceof Probe.Primary seen)) {
            return Optional.empty();
        }
        String request = cluster.requests().get(REQUEST);
        if (request != null) {
            return Optional.of(requested(cluster, primary, seen, request.strip(), now));
        }
        PodView pod = primary.pod();
        // Where it is vouched to be off, its next silence would count as death.
        if (pod == null || !(pod.nodeState() == PodView.NodeState.CORDONED || OutOfService.covers(primary))) {
            return Optional.empty();
        }
        String reason = "node " + pod.node() + " of the primary is cordoned or tainted";
        return best(cluster, primary, seen)
                .filter(PlannedSwitchover::onReadyNode)
                .map(target -> begin(cluster, primary, target, reason, now));
    }

    private static Step requested(
            ClusterView cluster, MemberView primary, Probe.Primary seen, String request, Now now) {
        Optional<String> refusal = refusal(cluster, primary, seen, request);
        if (refusal.isPresent()) {
            return Step.Act.of(Phase.Running, "nothing", new Action.ConsumeRequest(REQUEST))
                    .saying(Event.warning("SwitchoverRefused", refusal.get()));
        }
        MemberView target = request.isEmpty()
                ? best(cluster, primary, seen).orElseThrow()
                : cluster.member(request).orElseThrow();
        return begin(cluster, primary, target, "requested by annotation", now);
    }

    /** Why the request cannot be carried out safely, in words that say what to do; empty when it can. */
    private static Optional<String> refusal(
            ClusterView cluster, MemberView primary, Probe.Primary seen, String request) {
        if (request.isEmpty()) {
            return best(cluster, primary, seen).isPresent()
                    ? Optional.empty()
                    : Optional.of("no standby streams closely enough to take over from " + primary.name());
        }
        if (request.equals(primary.name())) {
            return Optional.of(request + " is the primary already");
        }
        if (!cluster.facts().members().contains(request)) {
            return Optional.of("there is no member '" + request + "'; the members are "
                    + String.join(", ", cluster.facts().members()));
        }
        MemberView target = cluster.member(request).orElse(null);
        if (target == null || target.standby() == null || !seen.streamsTo(request)) {
            return Optional.of(request + " does not stream from " + primary.name()
                    + "; wait until it does (status.members), or choose another");
        }
        if (target.isGoing()) {
            return Optional.of("the pod of " + request + " is being deleted; wait until it is back, or choose another");
        }
        if (OutOfService.covers(target)) {
            return Optional.of(request + " cannot take over before " + OutOfService.taint(target) + " is removed");
        }
        long lag = lag(request, seen);
        return lag > Timing.SWITCHOVER_LAG_LIMIT
                ? Optional.of(request + " lags " + lag + " bytes behind, more than the limit of "
                        + Timing.SWITCHOVER_LAG_LIMIT + "; try again when it has caught up")
                : Optional.empty();
    }

    static Step begin(ClusterView cluster, MemberView primary, MemberView target, String reason, Now now) {
        Facts raised = Takeover.raised(cluster);
        Intent intent = new Intent(Kind.Switchover, List.of(primary.name()), target.name(), reason, now.wall());
        return new Step.Recorded(
                Election.chosen(cluster, raised, intent, target.name(), now.wall()),
                Event.normal("SwitchingOver", "From " + primary.name() + " to " + target.name() + ": " + reason));
    }

    /** The least lagging standby that may be promoted. */
    static Optional<MemberView> best(ClusterView cluster, MemberView primary, Probe.Primary seen) {
        List<String> leaving = Membership.leaving(cluster);
        return cluster.members().stream()
                .filter(member -> !member.name().equals(primary.name()) && !leaving.contains(member.name()))
                .filter(member -> member.probe() instanceof Probe.Standby)
                .filter(member -> !member.isGoing() && !OutOfService.covers(member))
                .filter(member -> seen.streamsTo(member.name()))
                .filter(member -> lag(member.name(), seen) <= Timing.SWITCHOVER_LAG_LIMIT)
                .max(Comparator.comparing(PlannedSwitchover::onReadyNode)
                        .thenComparingLong(member -> -lag(member.name(), seen))
                        .thenComparingInt(member -> -cluster.names().ordinal(member.name())));
    }

    private static boolean onReadyNode(MemberView member) {
        PodView pod = member.pod();
        return pod != null && pod.nodeState() == PodView.NodeState.READY && !pod.deleting();
    }

    /** In bytes; see {@link Probe.Follower#lag}. */
    static long lag(String member, Probe.Primary primary) {
        Position end = primary.position();
        return primary.followers().stream()
                .filter(follower -> follower.member().equals(member))
                .mapToLong(follower -> follower.lag(end.lsn()))
                .min()
                .orElse(Long.MAX_VALUE);
    }
}
