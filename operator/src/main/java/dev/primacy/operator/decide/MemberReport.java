package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterStatus.MemberStatus;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A member's line of the status. */
final class MemberReport {

    static MemberStatus of(String name, ClusterView cluster, Facts facts) {
        MemberView member = cluster.member(name).orElse(null);
        Probe.Primary primary = cluster.primary().map(MemberView::primary).orElse(null);
        Position position = member == null ? null : member.position();
        Probe.Follower follower = follower(name, primary);
        boolean isPrimary = name.equals(facts.primary());
        return new MemberStatus(
                name,
                isPrimary ? "primary" : "standby",
                state(name, member, cluster, primary, follower),
                position == null ? null : position.timeline(),
                position == null ? null : position.lsn().toString(),
                isPrimary || primary == null || position == null ? null : lag(position, follower, primary),
                isPrimary ? null : Names.slot(name),
                follower == null ? null : follower.syncState(),
                member != null && member.pod() != null && serves(member, cluster, primary),
                member == null || member.pod() == null ? null : member.pod().node(),
                facts.incarnations().get(name),
                facts.containers().get(name));
    }

    private static boolean serves(MemberView member, ClusterView cluster, Probe.@Nullable Primary primary) {
        return member.name().equals(cluster.facts().primary())
                ? member.primary() != null
                : Serving.standbyServes(member, cluster, primary);
    }

    private static long lag(Position position, Probe.@Nullable Follower follower, Probe.Primary primary) {
        return (follower == null ? position.lsn() : follower.flushed())
                .behind(primary.position().lsn());
    }

    private static Probe.@Nullable Follower follower(String name, Probe.@Nullable Primary primary) {
        return primary == null
                ? null
                : primary.followers().stream()
                        .filter(candidate -> candidate.member().equals(name))
                        .findFirst()
                        .orElse(null);
    }

    private static String state(
            String name,
            @Nullable MemberView member,
            ClusterView cluster,
            Probe.@Nullable Primary primary,
            Probe.@Nullable Follower follower) {
        PodView pod = member == null ? null : member.pod();
        if (member == null || pod == null) {
            return "no pod";
        }
        return switch (member.probe()) {
            case Probe.Primary ignored -> "running";
            case Probe.Standby standby -> {
                if (follower != null && primary != null) {
                    yield following(follower, primary);
                }
                yield Rejoin.follows(member, standby, cluster) ? "connecting" : "not following";
            }
            case Probe.Starting ignored -> "starting";
            case Probe.Unreachable silent -> copying(name, primary).orElseGet(() -> withoutAnswer(pod, silent));
        };
    }

    /** In steps, so that the status is not written with every byte. */
    private static String following(Probe.Follower follower, Probe.Primary primary) {
        Lsn end = primary.position().lsn();
        return follower.isFarBehind(end)
                ? follower.state() + ", more than " + Long.highestOneBit(follower.lag(end) >> 20) + " MiB to replay"
                : follower.state();
    }

    /** While it is cloned or rewound, the primary knows of it, and how far a clone is. */
    static Optional<String> copying(String name, Probe.@Nullable Primary primary) {
        return primary == null
                ? Optional.empty()
                : primary.copies().stream()
                        .filter(copy -> copy.member().equals(name))
                        .findFirst()
                        .map(MemberReport::progress);
    }

    private static String progress(Probe.Copy copy) {
        if (copy.kind().equals("rewind")) {
            return "rewinding";
        }
        return copy.totalBytes() > 0
                ? "cloning (" + Math.min(100, copy.streamedBytes() * 100 / copy.totalBytes()) + " % of "
                        + (copy.totalBytes() >> 20) + " MiB)"
                : "cloning (" + (copy.streamedBytes() >> 20) + " MiB)";
    }

    private static String withoutAnswer(PodView pod, Probe.Unreachable silent) {
        if (pod.unschedulable() != null) {
            return "unschedulable";
        }
        return switch (pod.container()) {
            case PodView.Container.Waiting waiting -> waiting.reason();
            case PodView.Container.Terminated ignored -> "terminated";
            case PodView.Container.Unknown ignored -> "pending";
            case PodView.Container.Running ignored -> silent.refused() ? "not running" : "unreachable";
        };
    }

    private MemberReport() {}
}
