package dev.primacy.operator.decide;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Now;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides a pass: of the ordered rules the first that applies, and beside it the upkeep that disturbs nobody. Pure: the same
 * view at the same time gives the same decision.
 */
public final class Decider {
    /** Nothing is polled; this only bounds how long a missed notification could go unnoticed. */
    private static final Duration QUIET = Duration.ofSeconds(60);

    /** While something is silent or being brought about, time itself may change the decision. */
    private static final Duration ATTENTIVE = Duration.ofSeconds(2);

    private static final List<Rule> RULES = List.of(
            new Awake(),
            new Expiry(),
            new Adoption(),
            new Bootstrap(),
            new Takeover(),
            new DataLost(),
            new Succession(),
            new PrimaryLost(),
            new Membership(),
            new PlannedSwitchover(),
            new RestartRequest(),
            new Rollout());

    /** What a decision is called that waits for new looks, and decides nothing. */
    public static final String AWAKE = name(new Awake());

    /** What a decision is called in which none of the rules applied. */
    public static final String UPKEEP = "Upkeep";

    /** The names of the rules, in their order. */
    public static List<String> rules() {
        return RULES.stream().map(Decider::name).toList();
    }

    public Decision decide(ClusterView cluster, Now now) {
        for (Rule rule : RULES) {
            Optional<Step> step = rule.apply(cluster, now);
            if (step.isPresent()) {
                return decided(name(rule), step.get(), cluster, now);
            }
        }
        return decided(UPKEEP, null, cluster, now);
    }

    private static String name(Rule rule) {
        return rule.getClass().getSimpleName();
    }

    private static Decision decided(String rule, @Nullable Step step, ClusterView cluster, Now now) {
        if (step instanceof Step.NothingYet(Duration recheck)) {
            return new Decision(rule, cluster.facts(), List.of(), cluster.status(), List.of(), recheck);
        }
        if (step instanceof Step.Recorded(Facts facts, List<Event> events)) {
            return recorded(rule, cluster, facts, events, step, now);
        }
        if (cluster.facts().intent() == null) {
            Facts facts = Upkeep.facts(cluster, now);
            if (!facts.equals(cluster.facts())) {
                return recorded(rule, cluster, facts, List.of(), step, now);
            }
        }
        return acting(rule, cluster, step, now);
    }

    private static Decision recorded(
            String rule, ClusterView cluster, Facts facts, List<Event> events, @Nullable Step step, Now now) {
        PostgresClusterStatus status = StatusReport.of(cluster, facts, step, now);
        // What begins a change of the primary says so itself.
        List<Event> told = events.isEmpty()
                ? Conditions.turn(cluster.status(), status).stream().toList()
                : events;
        return new Decision(rule, facts, List.of(), status, told, Duration.ZERO);
    }

    private static Decision acting(String rule, ClusterView cluster, @Nullable Step step, Now now) {
        List<Action> actions = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        boolean atRest = cluster.facts().intent() == null;
        if (atRest) {
            Serving.route(cluster).ifPresent(actions::add);
        }
        if (step instanceof Step.Act act) {
            actions.addAll(act.actions());
            events.addAll(act.events());
        }
        Rollout.replaceUnstarted(cluster).stream()
                .filter(delete -> !isDeleted(delete.member(), actions))
                .forEach(actions::add);
        if (atRest && !(step instanceof Step.Stall)) {
            Upkeep.Work work = Upkeep.work(cluster, now);
            work.actions().stream()
                    .filter(action -> !isDisturbedBy(action, actions))
                    .forEach(actions::add);
            events.addAll(work.events());
        }
        PostgresClusterStatus status = StatusReport.of(cluster, cluster.facts(), step, now);
        Conditions.turn(cluster.status(), status).ifPresent(events::add);
        FirstStart.delayed(cluster, now).ifPresent(events::add);
        return new Decision(rule, cluster.facts(), actions, status, events, recheck(cluster, step, actions, now));
    }

    private static boolean isDeleted(String member, List<Action> chosen) {
        return chosen.stream()
                .anyMatch(other -> other instanceof Action.DeletePod delete
                        && delete.member().equals(member));
    }

    /** A member that is being restarted in this pass is left alone otherwise. */
    private static boolean isDisturbedBy(Action action, List<Action> chosen) {
        return action instanceof Action.Sql sql
                && chosen.stream().anyMatch(other -> switch (other) {
                    case Action.RestartInPlace restart -> restart.member().equals(sql.member());
                    case Action.DeletePod delete -> delete.member().equals(sql.member());
                    case Action.RemoveMember remove -> remove.member().equals(sql.member());
                    default -> false;
                });
    }

    private static Duration recheck(ClusterView cluster, @Nullable Step step, List<Action> actions, Now now) {
        boolean unsettled = !actions.isEmpty()
                || Serving.settles(cluster, now)
                || cluster.members().stream().anyMatch(member -> member.answered() == null)
                || Serving.isAnyFarBehind(cluster)
                || cluster.facts().promotable().size() > 1
                || cluster.facts().synchronous().size() > 1;
        Duration byStep = step instanceof Step.Act act ? act.recheck() : unsettled ? ATTENTIVE : QUIET;
        Stream<Duration> bySpec = SpecChange.isNew(cluster) ? Stream.of(SpecChange.SHOWS_AFTER) : Stream.empty();
        Stream<Duration> expiry = Expiry.remaining(cluster, now).filter(Duration::isPositive).stream();
        return Stream.of(Stream.of(byStep), bySpec, expiry)
                .flatMap(delays -> delays)
                .map(delay -> delay.isNegative() ? Duration.ZERO : delay)
                .min(Duration::compareTo)
                .orElse(byStep);
    }
}
