package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Intent.Kind;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rules 2, 7 and 8: carries an intent through. Whoever may still be primary is fenced, a successor is elected and promoted.
 * Level-triggered: each pass looks where things stand, whoever began them.
 */
final class Succession implements Rule {

    @Override
    public Optional<Step> apply(ClusterView cluster, Now now) {
        Intent intent = cluster.facts().intent();
        if (intent == null) {
            return Optional.empty();
        }
        MemberView target = cluster.member(intent.to()).orElse(null);
        if (target != null && target.primary() != null) {
            return Optional.of(
                    isOfThisReign(target.primary(), cluster.facts())
                            ? crowned(cluster, intent, target)
                            : takesUpTheEpoch(intent, target));
        }
        Optional<Step> uncounted = uncounted(cluster, intent);
        if (uncounted.isPresent()) {
            return uncounted;
        }
        Optional<Step> returned = oldPrimaryReturned(cluster, intent, now);
        if (returned.isPresent()) {
            return returned;
        }
        return Optional.of(
                intent.to() == null ? Polling.elect(cluster, intent, now) : promote(cluster, intent, target, now));
    }

    static Step takesUpTheEpoch(Intent intent, MemberView member) {
        return Step.Act.of(
                        Phase.of(intent), member.name() + " to take up the epoch", new Action.AdoptEpoch(member.name()))
                .recheckAfter(Duration.ofMillis(100));
    }

    /** It may have been primary before the last one was. */
    private static boolean isOfThisReign(Probe.Primary seen, Facts facts) {
        return seen.epoch() == facts.epoch() || seen.position().timeline() > facts.timeline();
    }

    /** The promotion was seen to have happened. */
    private static Step crowned(ClusterView cluster, Intent intent, MemberView target) {
        Probe.Primary seen = Objects.requireNonNull(target.primary());
        Facts crowned = Incarnation.seen(target, cluster.facts())
                .withPrimary(
                        target.name(),
                        seen.identity().container(),
                        seen.position().timeline())
                .withTimelinesUpTo(Election.greatestTimeline(cluster));
        if (crowned.systemId() == null) {
            crowned = crowned.withSystemId(seen.identity().systemId());
        }
        String sentence = target.name() + " is the primary, on timeline "
                + seen.position().timeline();
        return new Step.Recorded(
                crowned,
                switch (intent.kind()) {
                    case Bootstrap -> Event.normal("PrimaryElected", sentence);
                    case Failover -> Event.warning("FailedOver", sentence + ": " + intent.reason());
                    case Switchover -> Event.normal("SwitchedOver", sentence + ": " + intent.reason());
                });
    }

    /**
     * Somebody reigns whom the intent does not know of: the status was restored from a time before its reign, say. It must stop
     * before another is promoted, like everybody who may be primary.
     */
    private static Optional<Step> uncounted(ClusterView cluster, Intent intent) {
        return intent.kind() == Kind.Bootstrap
                ? Optional.empty()
                : cluster.members().stream()
                        .filter(member -> member.primary() != null)
                        .map(MemberView::name)
                        .filter(name -> cluster.facts().members().contains(name))
                        .filter(name ->
                                !name.equals(intent.to()) && !intent.deposed().contains(name))
                        .findFirst()
                        .map(name -> new Step.Recorded(
                                cluster.facts().withIntent(intent.deposing(name)),
                                Event.warning("AnotherPrimary", name + " is primary as well, and has to stop first")));
    }

    /**
     * The old primary answers as primary. While nobody else can have been promoted it stays: a failover that has not chosen
     * anybody was a false alarm, and a switchover whose target fell silent, or whose primary does not stop, is off. Else it is asked to step down.
     */
    private static Optional<Step> oldPrimaryReturned(ClusterView cluster, Intent intent, Now now) {
        for (String name : intent.deposed()) {
            MemberView old = cluster.member(name).orElse(null);
            if (old == null || old.primary() == null || name.equals(intent.to())) {
                continue;
            }
            boolean onlyItCanBe =
                    name.equals(cluster.facts().primary()) && intent.deposed().equals(List.of(name));
            if (onlyItCanBe && intent.to() == null) {
                return Optional.of(new Step.Recorded(
                        cluster.facts().withIntent(null),
                        Event.normal("FailoverCancelled", name + " answers as primary again; nobody was promoted")));
            }
            Optional<String> off = onlyItCanBe ? whySwitchoverIsOff(cluster, intent, name, now) : Optional.empty();
            if (off.isPresent()) {
                // The target is promoted only after the old primary was seen in recovery, which it leaves by a
                // promotion alone.
                return Optional.of(new Step.Recorded(
                        cluster.facts().withIntent(null),
                        Event.warning("SwitchoverAbandoned", off.get() + "; " + name + " stays primary")));
            }
            List<Action> actions = new ArrayList<>(List.of(new Action.RestartInPlace(name, false)));
            if (intent.kind() == Kind.Switchover) {
                // While the old primary stops, so that neither the promotion nor the others' return has to wait for it.
                cluster.members().stream()
                        .filter(member -> cluster.facts().members().contains(member.name()))
                        .filter(member -> member.standby() != null)
                        .forEach(member -> Upkeep.adoptEpoch(cluster, member).ifPresent(actions::add));
            }
            if (intent.kind() == Kind.Switchover && cluster.requests().containsKey(PlannedSwitchover.REQUEST)) {
                // Taken up. Once it is carried out, the same request would be refused, or be carried out again.
                actions.add(new Action.ConsumeRequest(PlannedSwitchover.REQUEST));
            }
            return Optional.of(Step.Act.of(Phase.of(intent), name + " to stop being primary", actions)
                    .recheckAfter(Duration.ofMillis(200)));
        }
        return Optional.empty();
    }

    private static Optional<String> whySwitchoverIsOff(ClusterView cluster, Intent intent, String old, Now now) {
        if (intent.kind() != Kind.Switchover) {
            return Optional.empty();
        }
        if (targetIsSilent(cluster, intent, now)) {
            return Optional.of(intent.to() + " does not answer any more");
        }
        if (cluster.member(intent.to()).filter(OutOfService::covers).isPresent()) {
            return Optional.of("the node of " + intent.to() + " is vouched to be off");
        }
        return Timing.isOver(intent.since(), Timing.STOP_PATIENCE, now)
                ? Optional.of(old + " did not stop within " + Timing.STOP_PATIENCE.toSeconds()
                        + " s, for want of room on its disk perhaps")
                : Optional.empty();
    }

    /** One lost probe is no silence; but nobody is stopped for a target that might not be there. */
    private static boolean targetIsSilent(ClusterView cluster, Intent intent, Now now) {
        return cluster.member(intent.to())
                .map(target -> Silence.of(target, cluster, now).compareTo(Timing.SUSPECT_AFTER) >= 0)
                .orElse(true);
    }

    private static Step promote(ClusterView cluster, Intent intent, @Nullable MemberView target, Now now) {
        String name = Objects.requireNonNull(intent.to());
        Optional<MemberView> reigning = reigningElsewhere(cluster, intent);
        if (reigning.isPresent()) {
            return TakingUp.chosen(cluster, intent, reigning.get(), now);
        }
        if (target != null && intent.kind() == Kind.Failover && SecondChannel.isDue(target, cluster, now)) {
            return SecondChannel.promote(cluster, intent, target, now);
        }
        if (target == null || target.standby() == null) {
            return awaitTarget(cluster, intent, name, target, now);
        }
        if (OutOfService.covers(target)) {
            return OutOfService.awaitRemoval(intent, target);
        }
        if (cluster.facts().systemId() == null) {
            Facts known =
                    cluster.facts().withSystemId(target.standby().identity().systemId());
            return new Step.Recorded(Election.chosen(cluster, known, intent, name, now.wall()));
        }
        if (Incarnation.isAnother(target, cluster.facts())) {
            return becomesFailover(cluster, intent, name + " came back with another volume", now);
        }
        if (intent.timeline() == 0 || isUsed(intent.timeline(), target) || runsElsewhere(target, cluster.facts())) {
            if (intent.kind() != Kind.Bootstrap
                    && target.standby().epoch() < cluster.facts().epoch()) {
                // The choice writes its container down. What shows an older epoch this process may have seen before
                // another led.
                return takesUpTheEpoch(intent, target);
            }
            return new Step.Recorded(Election.chosen(cluster, Takeover.raised(cluster), intent, name, now.wall()));
        }
        SynchronousSet first = SynchronousReplication.afterPromotion(cluster, cluster.facts(), intent, name);
        if (!cluster.facts().synchronous().contains(first)) {
            // The spec or the members changed since the choice: what is to be in force is written down first.
            return new Step.Recorded(
                    cluster.facts().withSynchronous(Listed.with(cluster.facts().synchronous(), first)));
        }
        Optional<Step> handover = Handover.of(cluster, intent, target, now);
        if (handover.isPresent()) {
            return handover.get();
        }
        if (intent.kind() != Kind.Bootstrap
                && hasOtherStandby(cluster, name)
                && intent.chosenAt() != null
                && Timing.isOver(intent.chosenAt(), Timing.PROMOTION_PATIENCE, now)) {
            return becomesFailover(cluster, intent, name + " answers, but its promotion does not come to pass", now);
        }
        List<Action> actions = new ArrayList<>();
        actions.add(new Action.Promote(
                name,
                cluster.facts().containers().get(name),
                intent.timeline() - 1,
                first.synchronousStandbyNames(),
                List.of(name)));
        // Nobody else is primary, so that clients lose nothing by being sent there already; they come back sooner.
        Serving.routeTo(name, cluster).ifPresent(actions::add);
        actions.addAll(Slots.onPromoted(cluster, target, target.standby()));
        return Step.Act.of(Phase.of(intent), name + " to be promoted", actions);
    }

    /** It was promoted to it, and crashed before that was seen: the next promotion takes a number that is not reserved yet. */
    private static boolean isUsed(int timeline, MemberView target) {
        Position position = target.position();
        return position != null && position.timeline() >= timeline;
    }

    /** In another container than that for which it was chosen, where an order that is still on its way has no effect. */
    private static boolean runsElsewhere(MemberView target, Facts facts) {
        Probe.Standby standby = target.standby();
        return standby != null
                && !Objects.equals(
                        standby.identity().container(), facts.containers().get(target.name()));
    }

    /** The status was lost while the pods ran on, on volumes that carry no annotation: what reigns is not to be succeeded. */
    private static Optional<MemberView> reigningElsewhere(ClusterView cluster, Intent intent) {
        return intent.kind() == Kind.Bootstrap && cluster.facts().systemId() == null
                ? cluster.members().stream()
                        .filter(member -> member.primary() != null)
                        .findFirst()
                : Optional.empty();
    }

    /** The target's promotion may be on its way, so that it is deposed as well (rule 7). */
    static Step becomesFailover(ClusterView cluster, Intent intent, String reason, Now now) {
        Intent failover = new Intent(Kind.Failover, withTarget(intent), null, reason, now.wall());
        return new Step.Recorded(
                Takeover.raised(cluster).withIntent(failover), Event.warning("FailingOver", failover.reason()));
    }

    private static List<String> withTarget(Intent intent) {
        return Stream.concat(intent.deposed().stream(), Stream.ofNullable(intent.to()))
                .distinct()
                .toList();
    }

    /**
     * A silent target is given up for another – but it may have been promoted before it fell silent, so that it must be fenced
     * as well (rule 7).
     */
    private static Step awaitTarget(
            ClusterView cluster, Intent intent, String name, @Nullable MemberView target, Now now) {
        boolean first = intent.kind() == Kind.Bootstrap && cluster.facts().systemId() == null;
        boolean silent = target == null || Silence.of(target, cluster, now).compareTo(Timing.TARGET_PATIENCE) > 0;
        boolean others = hasOtherStandby(cluster, name);
        if ((first || !silent || !others) && intent.timeline() != 0) {
            // It may have been promoted before it fell silent, and come back without a trace of that timeline.
            return new Step.Recorded(cluster.facts().withIntent(intent.choosing(name, 0, now.wall())));
        }
        if (first || !silent || !others) {
            return Step.Act.of(Phase.of(intent), MemberWords.of(name, cluster), List.of());
        }
        return becomesFailover(cluster, intent, name + " fell silent before its promotion was seen", now);
    }

    private static boolean hasOtherStandby(ClusterView cluster, String name) {
        return cluster.members().stream().anyMatch(member -> !member.name().equals(name) && member.standby() != null);
    }
}
