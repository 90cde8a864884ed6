package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Instruction.Verb;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All that disturbs nobody and may be done at any time while there is a primary: done for every member in each pass. */
final class Upkeep {
    /**
     * What is to be written down before it is done, if anything. Only of what is seen under the epoch of the facts: a process that was
     * frozen while another led still has its looks of that time.
     */
    static Facts facts(ClusterView cluster, Now now) {
        MemberView member = cluster.primary().orElse(null);
        Facts facts = incarnations(cluster).withTimelinesUpTo(Election.greatestTimeline(cluster));
        if (member == null
                || !(member.probe() instanceof Probe.Primary primary)
                || primary.epoch() != cluster.facts().epoch()) {
            return facts;
        }
        Facts reigning = reign(facts, member, primary);
        Facts promotable =
                PromotableSet.record(reigning, cluster, member, primary, now).orElse(reigning);
        return SynchronousReplication.record(promotable, cluster, member, primary)
                .orElse(promotable);
    }

    /** A primary of one starts again by itself, in another container. */
    private static Facts reign(Facts facts, MemberView member, Probe.Primary primary) {
        String container = primary.identity().container();
        int timeline = primary.position().timeline();
        boolean known = timeline == facts.timeline()
                && (container == null || container.equals(facts.containers().get(member.name())));
        return known ? facts : facts.withPrimary(member.name(), container, timeline);
    }

    /** Which volume each member's data was last seen on. */
    private static Facts incarnations(ClusterView cluster) {
        Facts facts = cluster.facts();
        for (MemberView member : cluster.members()) {
            Probe.Answered answered = member.answered();
            String volume = Incarnation.of(member);
            if (answered != null
                    && volume != null
                    && member.isAtHome()
                    && answered.epoch() == facts.epoch()
                    && facts.members().contains(member.name())
                    && Objects.equals(answered.identity().systemId(), facts.systemId())
                    && !volume.equals(facts.incarnations().get(member.name()))) {
                facts = facts.withIncarnation(member.name(), volume);
            }
        }
        return facts;
    }

    record Work(List<Action> actions, List<Event> events) {}

    static Work work(ClusterView cluster, Now now) {
        List<Action> actions = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        for (MemberView member : cluster.members()) {
            adoptEpoch(cluster, member).ifPresent(actions::add);
            nameClaim(cluster, member).ifPresent(actions::add);
        }
        MemberView first = cluster.primary().orElse(null);
        if (first != null && first.probe() instanceof Probe.Primary primary) {
            keepPrimary(cluster, first, primary, now, actions);
            // Commits may wait for standbys that follow; so they are told all at once, and before anything else.
            standbys(cluster).forEach(member -> rejoin(cluster, member, primary, now, actions, events));
            application(cluster, first, primary).ifPresent(actions::add);
            standbys(cluster).forEach(member -> keepStandby(cluster, member, now, actions));
            Rebuild.of(cluster, primary, now).ifPresent(work -> {
                actions.addAll(work.actions());
                events.addAll(work.events());
            });
        }
        for (MemberView member : cluster.members()) {
            reload(cluster, member).forEach(actions::add);
        }
        actions.addAll(Serving.labels(cluster, now));
        for (MemberView member : cluster.members()) {
            numberClaim(cluster, member).ifPresent(actions::add);
        }
        return new Work(actions, events);
    }

    static Optional<Action> adoptEpoch(ClusterView cluster, MemberView member) {
        Probe.Answered answered = member.answered();
        return isOfThisCluster(answered, cluster)
                        && Objects.requireNonNull(answered).epoch()
                                < cluster.facts().epoch()
                ? Optional.of(new Action.AdoptEpoch(member.name()))
                : Optional.empty();
    }

    /** That a volume has data of this cluster is written on it before anything else: it must never be taken for an empty one. */
    private static Optional<Action> nameClaim(ClusterView cluster, MemberView member) {
        return annotateClaim(
                cluster,
                member,
                claim -> !Objects.equals(claim.systemId(), cluster.facts().systemId()));
    }

    /** Up to which epoch it was seen is for a cluster that is applied again one day, or whose status is lost: nobody waits for it. */
    private static Optional<Action> numberClaim(ClusterView cluster, MemberView member) {
        return annotateClaim(
                cluster,
                member,
                claim -> Objects.equals(claim.systemId(), cluster.facts().systemId())
                        && claim.epoch() < cluster.facts().epoch());
    }

    private static Optional<Action> annotateClaim(ClusterView cluster, MemberView member, Predicate<ClaimView> due) {
        Facts facts = cluster.facts();
        return Optional.ofNullable(member.claim())
                .filter(claim -> isOfThisCluster(member.answered(), cluster) && member.isAtHome())
                .filter(due)
                .map(claim -> new Action.AnnotateClaim(
                        member.name(), claim.uid(), Objects.requireNonNull(facts.systemId()), facts.epoch()));
    }

    private static boolean isOfThisCluster(Probe.@Nullable Answered answered, ClusterView cluster) {
        return answered != null
                && Objects.equals(
                        answered.identity().systemId(), cluster.facts().systemId());
    }

    private static void keepPrimary(
            ClusterView cluster, MemberView member, Probe.Primary primary, Now now, List<Action> actions) {
        if (primary.epoch() < cluster.facts().epoch()) {
            return; // first the epoch, then everything else
        }
        actions.addAll(Slots.onPrimary(cluster, member, primary));
        SynchronousReplication.tell(cluster, member, primary).ifPresent(actions::add);
        PromotableSet.tell(cluster, member, primary, now).ifPresent(actions::add);
        boolean alone = cluster.facts().members().size() == 1
                && cluster.spec().instances() == 1
                && cluster.facts().promotable().equals(List.of(List.of(member.name())));
        if (alone != primary.solo()) {
            actions.add(new Action.SetSolo(member.name(), alone));
        }
    }

    private static Optional<Action> application(ClusterView cluster, MemberView member, Probe.Primary primary) {
        ClusterView.Application wanted = cluster.application();
        boolean stands =
                wanted.hash().equals(wanted.appliedHash()) && primary.roles().equals(wanted.appliedTo());
        return stands
                ? Optional.empty()
                : Optional.of(new Action.EnsureApplication(member.name(), wanted.hash(), primary.roles()));
    }

    private static List<MemberView> standbys(ClusterView cluster) {
        return cluster.members().stream()
                .filter(member -> !member.name().equals(cluster.facts().primary()))
                .filter(member -> cluster.facts().members().contains(member.name()))
                .toList();
    }

    private static void rejoin(
            ClusterView cluster,
            MemberView member,
            Probe.Primary primary,
            Now now,
            List<Action> actions,
            List<Event> events) {
        Rejoin.of(member, cluster, primary, now).ifPresent(measure -> {
            actions.add(measure.action());
            if (measure.action() instanceof Action.Instruct order
                    && order.instruction().verb() == Verb.REWIND) {
                // The one after a promotion is spread over minutes, and a rewind waits for it: the source's control
                // file
                // names the new timeline only then.
                actions.add(new Action.Checkpoint(
                        Objects.requireNonNull(cluster.facts().primary())));
            }
            Optional.ofNullable(measure.event()).ifPresent(events::add);
        });
    }

    private static void keepStandby(ClusterView cluster, MemberView member, Now now, List<Action> actions) {
        if (member.probe() instanceof Probe.Standby standby) {
            actions.addAll(Slots.onStandby(cluster, member, standby));
            SynchronousReplication.prepare(cluster, member, standby).ifPresent(actions::add);
        }
        replaceOnLostNode(cluster, member, now).ifPresent(actions::add);
    }

    /** Rule 9a: on emptyDir a copy on a lost node is lost; it is made anew elsewhere. A claim waits for its node. */
    private static Optional<Action> replaceOnLostNode(ClusterView cluster, MemberView member, Now now) {
        PodView pod = member.pod();
        boolean lost = pod != null
                && member.claim() == null
                && pod.nodeState() == PodView.NodeState.UNREACHABLE
                && Silence.of(member, cluster, now).compareTo(Timing.LOST_NODE_AFTER) >= 0;
        return lost
                ? Optional.of(new Action.DeletePod(
                        member.name(),
                        Objects.requireNonNull(pod).uid(),
                        Duration.ZERO,
                        "its node " + pod.node() + " is lost"))
                : Optional.empty();
    }

    private static List<Action> reload(ClusterView cluster, MemberView member) {
        Probe.Answered answered = member.answered();
        PodView pod = member.pod();
        String wanted = cluster.config().hash();
        if (answered == null
                || pod == null
                || answered.configuration().configLoaded().equals(wanted)) {
            return List.of();
        }
        List<Action> actions = new ArrayList<>();
        if (!pod.config().equals(wanted)) {
            actions.add(new Action.TouchConfig(member.name(), wanted));
        }
        actions.add(new Action.Reload(member.name(), wanted, cluster.config().certificateHash()));
        return actions;
    }

    private Upkeep() {}
}
