package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Instruction;
import dev.primacy.operator.model.Instruction.Verb;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import java.util.Objects;
import java.util.Optional;

/**
 * Promotes a target that SQL does not reach, by an annotation on its pod which its script obeys once: after a crash amid many
 * subtransactions, recovery lets nobody in until it ends. Only in a failover, where whoever else may have been primary was fenced before the
 * target was chosen.
 */
final class SecondChannel {

    /** It is there and refuses, for so long that it may never do otherwise; and it is the copy that was last seen. */
    static boolean isDue(MemberView target, ClusterView cluster, Now now) {
        return target.probe() instanceof Probe.Starting
                && target.lockedOutFor(now).compareTo(Timing.RECOVERY_PATIENCE) >= 0
                && Incarnation.isRecorded(target, cluster.facts())
                && target.pod() != null
                && !target.pod().deleting()
                && !OutOfService.covers(target);
    }

    /** Nobody else can be: it has the end of the log, on the volume on which it was last seen. */
    static Step chosen(ClusterView cluster, Intent intent, MemberView target, Now now) {
        return new Step.Recorded(
                Election.chosen(cluster, Takeover.raised(cluster), intent, target.name(), now.wall()),
                Event.warning(
                        "PrimaryChosen",
                        target.name() + " recovers and accepts no connection; its script is told to promote it"));
    }

    /**
     * Each order is for a timeline of its own (rule 6) and under an epoch of its own, which the script keeps before it promotes. In which
     * container it takes effect nobody can tell, so that no container's end is a proof meanwhile (rule 3).
     */
    static Step promote(ClusterView cluster, Intent intent, MemberView target, Now now) {
        PodView pod = Objects.requireNonNull(target.pod());
        boolean patient = Optional.ofNullable(intent.chosenAt())
                .map(at -> !Timing.isOver(at, Timing.INSTRUCTION_PATIENCE, now))
                .orElse(false);
        if (intent.timeline() == 0 || !patient || cluster.facts().containers().containsKey(target.name())) {
            return new Step.Recorded(
                    Election.chosen(cluster, Takeover.raised(cluster), intent, target.name(), now.wall()));
        }
        String waitingFor = target.name()
                + " to end its recovery, in which it accepts no connection, and to be promoted by its script";
        String id = cluster.facts().epoch() + "-promote-" + intent.timeline();
        if (pod.isTold(id)) {
            return Step.Act.of(Phase.of(intent), waitingFor);
        }
        Instruction order =
                new Instruction(id, cluster.facts().epoch(), Verb.PROMOTE, Integer.toString(intent.timeline() - 1));
        return Step.Act.of(Phase.of(intent), waitingFor, new Action.Instruct(target.name(), order));
    }

    /**
     * An order for a later timeline than the last that was seen stands on its pod, which its script has yet to obey: it would in its next
     * container, or when its node is on again, until it hears of a newer epoch.
     */
    static boolean mayStillPromote(MemberView member, ClusterView cluster) {
        return member.told()
                .filter(order -> order.verb() == Verb.PROMOTE
                        && Integer.parseInt(order.argument()) >= cluster.facts().timeline())
                .isPresent();
    }

    private SecondChannel() {}
}
