package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Rule 14: one physical slot on the primary for every other member, and none of ours anywhere else. */
final class Slots {

    static List<Action> onPrimary(ClusterView cluster, MemberView member, Probe.Primary primary) {
        Set<String> wanted = cluster.facts().members().stream()
                .filter(name -> !name.equals(member.name()))
                .map(Names::slot)
                .collect(Collectors.toSet());
        Set<String> there = primary.slots().stream().map(Probe.Slot::name).collect(Collectors.toSet());
        List<Action> actions = new ArrayList<>();
        for (Probe.Slot slot : primary.slots()) {
            boolean surplus = isOurs(cluster, slot) && !wanted.contains(slot.name());
            boolean useless = wanted.contains(slot.name()) && slot.walStatus().equals("lost") && !slot.active();
            if (surplus || useless) {
                actions.add(new Action.DropSlot(member.name(), slot.name()));
            }
        }
        wanted.stream()
                .filter(slot -> !there.contains(slot))
                .sorted()
                .forEach(slot -> actions.add(new Action.CreateSlot(member.name(), slot)));
        return actions;
    }

    /** A slot on a standby that nobody advances fills its disk. */
    static List<Action> onStandby(ClusterView cluster, MemberView member, Probe.Standby standby) {
        return standby.slots().stream()
                .filter(slot -> isOurs(cluster, slot))
                .<Action>map(slot -> new Action.DropSlot(member.name(), slot.name()))
                .toList();
    }

    /** Users may have slots of their own; ours have the name of a member. */
    private static boolean isOurs(ClusterView cluster, Probe.Slot slot) {
        return slot.name().matches(Names.slot(cluster.names().cluster()) + "_[0-9]+");
    }

    private Slots() {}
}
