package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterStatus.LastFailover;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rule 10: whom the Services reach. -rw goes to the primary by one atomic patch, together with its promotion; then who serves
 * reads, then readiness.
 */
final class Serving {

    static Optional<Action> route(ClusterView cluster) {
        String primary = cluster.facts().primary();
        return primary == null ? Optional.empty() : routeTo(primary, cluster);
    }

    static Optional<Action> routeTo(String member, ClusterView cluster) {
        return member.equals(cluster.routed())
                ? Optional.empty()
                : Optional.of(new Action.Route(member, cluster.routed()));
    }

    static List<Action> labels(ClusterView cluster, Now now) {
        Probe.Primary primary = cluster.primary().map(MemberView::primary).orElse(null);
        boolean settling = settles(cluster, now);
        boolean anyStandbyServes = cluster.members().stream()
                .anyMatch(member -> standbyServes(member, cluster, primary) || (settling && servedReads(member)));
        List<Action> actions = new ArrayList<>();
        for (MemberView member : cluster.members()) {
            PodView pod = member.pod();
            if (pod == null || pod.deleting()) {
                continue;
            }
            boolean isPrimary = member.name().equals(cluster.facts().primary()) && member.primary() != null;
            boolean silentForNow = member.answered() == null
                    && Silence.of(member, cluster, now).compareTo(Timing.SUSPECT_AFTER) < 0;
            if (silentForNow) {
                continue; // one lost probe moves no endpoint
            }
            String role = isPrimary ? "primary" : "replica";
            boolean serves = standbyServes(member, cluster, primary);
            boolean reads = isPrimary ? !anyStandbyServes : serves || (settling && servedReads(member));
            if (!role.equals(pod.roleLabel()) || reads != pod.readsLabel()) {
                actions.add(new Action.Label(member.name(), role, reads));
            }
            boolean ready = isPrimary || serves || (settling && pod.ready() && member.standby() != null);
            if (ready != pod.ready()) {
                actions.add(new Action.SetReady(member.name(), ready, reason(member, primary, isPrimary, ready)));
            }
        }
        return actions;
    }

    private static String reason(MemberView member, Probe.@Nullable Primary primary, boolean isPrimary, boolean ready) {
        if (ready) {
            return isPrimary ? "Primary" : "Streaming";
        }
        return primary != null && primary.streamsTo(member.name()) ? "FarBehind" : "NotStreaming";
    }

    /**
     * A new primary's standbys have yet to find it. To take them out for that moment would move endpoints to and fro, and
     * kube-proxy would be late with the next change that matters.
     */
    static boolean settles(ClusterView cluster, Now now) {
        LastFailover last = cluster.status().lastFailover();
        if (last == null) {
            return false;
        }
        try {
            Duration ago = Duration.between(Instant.parse(last.at()), now.wall());
            return !ago.isNegative() && ago.compareTo(Timing.SETTLES_WITHIN) < 0;
        } catch (DateTimeParseException e) {
            return false; // somebody else wrote it
        }
    }

    private static boolean servedReads(MemberView member) {
        return member.standby() != null && member.pod() != null && member.pod().readsLabel();
    }

    /** It streams from the primary and is not far behind; with no primary to be seen, as long as it is in recovery at all. */
    static boolean standbyServes(MemberView member, ClusterView cluster, Probe.@Nullable Primary primary) {
        Probe.Standby standby = member.standby();
        if (standby == null || !cluster.facts().members().contains(member.name())) {
            return false;
        }
        if (primary == null) {
            return member.pod() != null && member.pod().readsLabel();
        }
        return Rejoin.follows(member, standby, cluster)
                && primary.followers().stream()
                        .filter(follower -> follower.member().equals(member.name()) && follower.streaming())
                        .anyMatch(follower ->
                                !follower.isFarBehind(primary.position().lsn()));
    }

    /** It is no news until it has caught up, but people see how far it is. */
    static boolean isAnyFarBehind(ClusterView cluster) {
        return cluster.primary()
                .map(MemberView::primary)
                .filter(primary -> primary.followers().stream()
                        .anyMatch(follower ->
                                follower.isFarBehind(primary.position().lsn())))
                .isPresent();
    }

    private Serving() {}
}
