package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Growth;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Members' volumes that have yet to become as large as they were asked to: what people are told. */
final class VolumeGrowth {

    /** What keeps volumes from growing, of the first in full; a person may have to do something about it. */
    static Optional<String> failure(ClusterView cluster) {
        List<ClaimView> failed = claims(cluster).stream()
                .filter(claim -> growth(claim).stage() == Growth.Stage.FAILED)
                .toList();
        if (failed.isEmpty()) {
            return Optional.empty();
        }
        Growth first = growth(failed.getFirst());
        String others = failed.stream().skip(1).map(ClaimView::name).collect(Collectors.joining(", "));
        return Optional.of("PersistentVolumeClaim " + failed.getFirst().name() + " has " + first.has()
                + " and was asked for " + first.asked() + ", but could not grow: "
                + Quote.of(first.words())
                + ". It is tried again by itself, so mend what that names; if its driver can never do it, replace the volume"
                + " (docs/troubleshooting.md, A volume does not grow)"
                + (others.isEmpty() ? "" : ". The same with " + others));
    }

    /** Volumes on the way, which hold up nobody. */
    static Optional<String> progress(ClusterView cluster) {
        return Optional.of(claims(cluster).stream()
                        .filter(claim -> growth(claim).stage() != Growth.Stage.FAILED)
                        .map(VolumeGrowth::waiting)
                        .collect(Collectors.joining("; ")))
                .filter(words -> !words.isEmpty());
    }

    private static String waiting(ClaimView claim) {
        Growth growth = growth(claim);
        return claim.name() + " has " + growth.has() + " of " + growth.asked()
                + switch (growth.stage()) {
                    case STORAGE -> " and waits for its storage";
                    case FILE_SYSTEM ->
                        " and waits for its file system to be enlarged, for which some drivers need the pod to start anew";
                    case FAILED -> " and could not grow";
                };
    }

    private static List<ClaimView> claims(ClusterView cluster) {
        return cluster.members().stream()
                .filter(member -> cluster.facts().members().contains(member.name()))
                .flatMap(member -> Optional.ofNullable(member.claim()).stream())
                .filter(claim -> claim.growth() != null)
                .toList();
    }

    private static Growth growth(ClaimView claim) {
        return Objects.requireNonNull(claim.growth());
    }

    private VolumeGrowth() {}
}
