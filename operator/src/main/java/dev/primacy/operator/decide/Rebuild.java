package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Instruction.Verb;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rule 9a, and the request {@code primacy.dev/rebuild}: a standby is cloned anew; where its node took its volume with it, onto another
 * volume. Only while the primary, another copy, answers.
 */
final class Rebuild {
    static final String REQUEST = "rebuild";

    /** In the id of an instruction to clone what a person asked for. */
    static final String ID = "-rebuild-";

    static Optional<Upkeep.Work> of(ClusterView cluster, Probe.Primary primary, Now now) {
        String request = cluster.requests().get(REQUEST);
        if (request == null) {
            return Optional.empty();
        }
        String name = request.strip();
        MemberView member = cluster.member(name).orElse(null);
        if (name.equals(cluster.facts().primary())) {
            return Optional.of(
                    refused(name + " is the primary, the copy from which others are made; switch over first"));
        }
        if (member == null || !cluster.facts().members().contains(name)) {
            return Optional.of(refused("there is no member '" + name + "'; the members are "
                    + String.join(", ", cluster.facts().members())));
        }
        if (primary.streamsTo(name) || !(isStranded(member) || hasYetToRun(member))) {
            return Optional.of(inPlace(cluster, member, now));
        }
        if (cluster.spec().paused()) {
            return Optional.of(refused(name + " needs another volume, and spec.paused is true, so that none is made;"
                    + " set it to false, and ask again"));
        }
        boolean counts = cluster.facts().promotable().stream().anyMatch(set -> set.contains(name));
        // It leaves the promotable set when it has been silent for a while; the request stands until then.
        return counts ? Optional.empty() : Optional.of(onAnotherVolume(member));
    }

    /**
     * Its pod is on a node that is lost, or finds no node: the volume ties it to one that is not there any more. Or what stands in the
     * place of its volume cannot be written on, as where another node took the lost one's name.
     */
    static boolean isStranded(MemberView member) {
        PodView pod = member.pod();
        return member.answered() == null
                && (pod == null
                        || pod.unschedulable() != null
                        || pod.container().volumeIsUnusable()
                        || pod.nodeState().isLost());
    }

    /** Nothing in its pod could obey, and nobody knows whether its volume is one that anything could run on. */
    private static boolean hasYetToRun(MemberView member) {
        return member.answered() == null
                && member.pod() != null
                && member.pod().container().hasYetToRun();
    }

    private static Upkeep.Work inPlace(ClusterView cluster, MemberView member, Now now) {
        PodView pod = member.pod();
        if (pod == null) {
            return refused(member.name() + " has no pod at present; ask again when it has one");
        }
        // The volume remembers which it obeyed, so that no two requests may have the same.
        String id = cluster.facts().epoch() + ID + now.wall().getEpochSecond();
        List<Action> actions = new ArrayList<>(List.of(new Action.ConsumeRequest(REQUEST)));
        List<Event> events = new ArrayList<>();
        Rejoin.instruct(member, cluster, Verb.CLONE, id, "requested by annotation")
                .ifPresent(measure -> {
                    actions.add(measure.action());
                    Optional.ofNullable(measure.event()).ifPresent(events::add);
                });
        return new Upkeep.Work(actions, events);
    }

    /** The claim first: the next pod would take it up again. It goes when the pod that uses it has gone. */
    private static Upkeep.Work onAnotherVolume(MemberView member) {
        ClaimView claim = member.claim();
        PodView pod = member.pod();
        List<Action> actions = new ArrayList<>(List.of(new Action.ConsumeRequest(REQUEST)));
        if (claim != null) {
            actions.add(new Action.DeleteClaim(member.name(), claim.uid()));
        }
        if (pod != null) {
            actions.add(new Action.DeletePod(
                    member.name(), pod.uid(), Duration.ZERO, "it is rebuilt on another volume, as requested"));
        }
        return new Upkeep.Work(
                actions,
                List.of(Event.warning(
                        "Rebuilding",
                        member.name() + " is made anew on another volume, as requested by annotation"
                                + (claim == null ? "" : "; PersistentVolumeClaim " + claim.name() + " is replaced"))));
    }

    private static Upkeep.Work refused(String why) {
        return new Upkeep.Work(
                List.of(new Action.ConsumeRequest(REQUEST)), List.of(Event.warning("RebuildRefused", why)));
    }

    private Rebuild() {}
}
