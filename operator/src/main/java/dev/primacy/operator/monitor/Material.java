package dev.primacy.operator.monitor;

import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A probe without what moves all the time: two looks differ materially when these differ. */
final class Material {
    private Material() {}

    static Probe of(Probe probe) {
        return switch (probe) {
            case Probe.Primary primary ->
                new Probe.Primary(
                        primary.identity(),
                        still(primary.position()),
                        primary.history(),
                        primary.configuration(),
                        primary.epoch(),
                        primary.writeFailure(),
                        primary.roles(),
                        primary.solo(),
                        primary.promotable(),
                        primary.followers().stream()
                                .map(follower ->
                                        still(follower, primary.position().lsn()))
                                .toList(),
                        still(primary.slots()),
                        primary.copies().stream()
                                .map(copy -> new Probe.Copy(copy.member(), copy.kind(), 0, 0))
                                .toList());
            case Probe.Standby standby ->
                new Probe.Standby(
                        standby.identity(),
                        still(standby.position()),
                        standby.history(),
                        standby.configuration(),
                        standby.epoch(),
                        still(standby.receiver()),
                        Lsn.ZERO,
                        true,
                        still(standby.slots()));
            case Probe.Starting starting -> starting;
            case Probe.Unreachable unreachable -> unreachable;
        };
    }

    private static Position still(Position position) {
        return new Position(position.timeline(), Lsn.ZERO);
    }

    private static List<Probe.Slot> still(List<Probe.Slot> slots) {
        return slots.stream()
                .map(slot -> new Probe.Slot(slot.name(), slot.active(), slot.walStatus(), null))
                .toList();
    }

    /** Of its positions but whether it is too far behind to serve reads. */
    private static Probe.Follower still(Probe.Follower follower, Lsn end) {
        Lsn replayed = follower.isFarBehind(end) ? Lsn.ZERO : new Lsn(1);
        return new Probe.Follower(
                follower.member(), follower.state(), follower.syncState(), Lsn.ZERO, Lsn.ZERO, replayed);
    }

    private static Probe.@Nullable Receiver still(Probe.@Nullable Receiver receiver) {
        return receiver == null
                ? null
                : new Probe.Receiver(receiver.status(), receiver.host(), Lsn.ZERO, Duration.ZERO);
    }
}
