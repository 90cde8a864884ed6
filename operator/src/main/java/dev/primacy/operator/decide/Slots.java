package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Rule 14: one physical slot on the primary for every other member, and none of ours anywhere else. */
final class Slots {
    private static final Predicate<String> NUMBER = Pattern.compile("[0-9]+").asMatchPredicate();

    static List<Action> onPrimary(ClusterView cluster, MemberView member, Probe.Primary primary) {
        Set<String> wanted = wanted(cluster, member);
        List<Action> actions = new ArrayList<>();
        for (Probe.Slot slot : primary.slots()) {
            boolean surplus = isOurs(cluster, slot) && !wanted.contains(slot.name());
            boolean useless = wanted.contains(slot.name()) && slot.walStatus().equals("lost") && !slot.active();
            if (surplus || useless) {
                actions.add(new Action.DropSlot(member.name(), slot.name()));
            }
        }
        actions.addAll(missing(cluster, member, primary.slots()));
        return actions;
    }

    /** Whoever waits to clone a member, or to follow it, need not wait until its promotion was seen and written down. */
    static List<Action> onPromoted(ClusterView cluster, MemberView target, Probe.Standby standby) {
        return missing(cluster, target, standby.slots());
    }

    private static List<Action> missing(ClusterView cluster, MemberView member, List<Probe.Slot> slots) {
        Set<String> there = slots.stream().map(Probe.Slot::name).collect(Collectors.toSet());
        return wanted(cluster, member).stream()
                .filter(slot -> !there.contains(slot))
                .sorted()
                .<Action>map(slot -> new Action.CreateSlot(member.name(), slot))
                .toList();
    }

    private static Set<String> wanted(ClusterView cluster, MemberView member) {
        return cluster.facts().members().stream()
                .filter(name -> !name.equals(member.name()))
                .map(Names::slot)
                .collect(Collectors.toSet());
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
        String prefix = Names.slot(cluster.names().cluster()) + "_";
        return slot.name().startsWith(prefix) && NUMBER.test(slot.name().substring(prefix.length()));
    }

    private Slots() {}
}
