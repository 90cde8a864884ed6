package dev.primacy.operator.kube;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.postgres.Outcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Carries out a decision's actions in their order. Neighbours of one kind on different members do not depend on each other and
 * run at once. A member on which something failed is left alone for the rest of the pass; the others go on.
 */
public final class Executor {
    private static final Logger LOG = LoggerFactory.getLogger(Executor.class);

    private final Function<Action, Outcome> act;

    Executor(Function<Action, Outcome> act) {
        this.act = act;
    }

    /**
     * @param reason in words for a person
     * @param refused whether only a change by the user can help
     */
    public record Failure(Action action, String reason, boolean refused) {
        public Failure(Action action, String reason) {
            this(action, reason, false);
        }

        /** For people: the kind of action in plain words, the member, and why. */
        public String words() {
            String kind = action.getClass()
                    .getSimpleName()
                    .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                    .toLowerCase(Locale.ROOT);
            String member = member(action);
            return (member.isEmpty() ? "" : member + ": ") + kind + " did not succeed: " + reason;
        }
    }

    /**
     * @param failures what did not succeed
     * @param supersededBy the epoch of an operator that took over (rule 1); null if none was met
     */
    public record Report(
            List<Action> done,
            List<Failure> failures,
            @Nullable Long supersededBy) {
        /** Both reports as one. */
        public Report after(Report earlier) {
            return new Report(
                    Stream.concat(earlier.done.stream(), done.stream()).toList(),
                    Stream.concat(earlier.failures.stream(), failures.stream()).toList(),
                    supersededBy != null ? supersededBy : earlier.supersededBy);
        }
    }

    public Report run(List<Action> actions) {
        List<Action> done = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        Set<String> failed = new HashSet<>();
        Long superseded = null;
        for (List<Action> group : groups(actions)) {
            List<Action> due =
                    group.stream().filter(it -> !failed.contains(member(it))).toList();
            List<Outcome> outcomes = Parallel.map(due, this::run);
            for (int i = 0; i < due.size(); i++) {
                Action action = due.get(i);
                switch (outcomes.get(i)) {
                    case Outcome.Done d -> done.add(action);
                    case Outcome.Failed f -> {
                        failures.add(new Failure(action, f.reason()));
                        failed.add(member(action));
                    }
                    case Outcome.Refused r -> {
                        failures.add(new Failure(action, r.reason(), true));
                        failed.add(member(action));
                    }
                    case Outcome.Superseded s -> superseded = s.memberEpoch();
                }
            }
            if (superseded != null) {
                break;
            }
        }
        return new Report(List.copyOf(done), List.copyOf(failures), superseded);
    }

    private Outcome run(Action action) {
        String member = member(action);
        if (!member.isEmpty()) {
            MDC.put(LogKeys.MEMBER, member);
        }
        try {
            Outcome outcome = act.apply(action);
            switch (outcome) {
                case Outcome.Done d -> LOG.info("{}", action);
                case Outcome.Failed f -> LOG.info("{} did not succeed: {}", action, f.reason());
                case Outcome.Refused r -> LOG.info("{} was refused: {}", action, r.reason());
                case Outcome.Superseded s ->
                    LOG.warn("{} had no effect: another operator acts under epoch {}", action, s.memberEpoch());
            }
            return outcome;
        } finally {
            MDC.remove(LogKeys.MEMBER);
        }
    }

    /** Runs of actions of one kind on different members. */
    static List<List<Action>> groups(List<Action> actions) {
        List<List<Action>> groups = new ArrayList<>();
        for (Action action : actions) {
            List<Action> last = groups.isEmpty() ? List.of() : groups.getLast();
            boolean joins = !last.isEmpty()
                    && last.getFirst().getClass() == action.getClass()
                    && !member(action).isEmpty()
                    && last.stream().noneMatch(other -> member(other).equals(member(action)));
            if (joins) {
                last.add(action);
            } else {
                groups.add(new ArrayList<>(List.of(action)));
            }
        }
        return groups;
    }

    /** The member that an action is about; empty for the few that are about the whole cluster. */
    static String member(Action action) {
        return switch (action) {
            case Action.Sql a -> a.member();
            case Action.Route a -> a.member();
            case Action.Label a -> a.member();
            case Action.SetReady a -> a.member();
            case Action.TouchConfig a -> a.member();
            case Action.Instruct a -> a.member();
            case Action.DeletePod a -> a.member();
            case Action.RemoveMember a -> a.member();
            case Action.DeleteClaim a -> a.member();
            case Action.AnnotateClaim a -> a.member();
            case Action.ConsumeRequest a -> "";
            case Action.DeleteCluster a -> "";
        };
    }
}
