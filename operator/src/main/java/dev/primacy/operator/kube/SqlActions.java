package dev.primacy.operator.kube;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.postgres.ApplicationAccess;
import dev.primacy.operator.postgres.Commands;
import dev.primacy.operator.postgres.Endpoint;
import dev.primacy.operator.postgres.Mandate;
import dev.primacy.operator.postgres.Outcome;
import java.time.Duration;

/** The actions that SQL carries out, under the epoch of the view that they were decided from. */
final class SqlActions {
    /** Most take some milliseconds; a member that does not answer in this time is for the next pass. */
    private static final Duration QUICK = Duration.ofSeconds(3);
    /** The kubelet projects a touched pod's files within 0.3 s; if not, the next pass waits again. */
    private static final Duration PROJECTION = Duration.ofSeconds(4);

    private static final Duration PROMOTION = Duration.ofSeconds(8);
    /** The script's own bound of a stop is 8 s. */
    private static final Duration RESTART = Duration.ofSeconds(15);

    private static final Duration LONG = Duration.ofSeconds(30);

    private final Commands commands;
    private final ClusterView view;
    private final ApplicationAccess application;

    SqlActions(Commands commands, ClusterView view, ApplicationAccess application) {
        this.commands = commands;
        this.view = view;
        this.application = application;
    }

    Outcome run(Action.Sql action) {
        String host = view.member(action.member())
                .map(MemberView::pod)
                .map(pod -> pod.ip())
                .orElse(null);
        if (host == null) {
            return new Outcome.Failed(action.member() + " has no address at present");
        }
        Endpoint endpoint = new Endpoint(
                action.member(), host, view.spec().port(), view.facts().systemId());
        return switch (action) {
            case Action.AdoptEpoch a -> commands.adoptEpoch(within(endpoint, QUICK));
            case Action.Vote a -> commands.vote(within(endpoint, QUICK), a.synchronousStandbyNames());
            case Action.Promote a ->
                commands.promote(
                        within(endpoint, PROMOTION),
                        a.container(),
                        a.reserveTo(),
                        a.synchronousStandbyNames(),
                        a.promotable());
            case Action.Follow a -> commands.follow(within(endpoint, QUICK), a.host(), a.port(), a.slot());
            case Action.SetSynchronous a ->
                commands.setSynchronous(within(endpoint, QUICK), a.synchronousStandbyNames());
            case Action.SetPromotable a -> commands.setPromotable(within(endpoint, QUICK), a.promotable());
            case Action.Reload a -> commands.reload(within(endpoint, PROJECTION), a.configHash(), a.certificateHash());
            case Action.CreateSlot a -> commands.createSlot(within(endpoint, QUICK), a.slot());
            case Action.DropSlot a -> commands.dropSlot(within(endpoint, QUICK), a.slot());
            case Action.Checkpoint a -> commands.checkpoint(within(endpoint, QUICK));
            case Action.RestartInPlace a -> commands.restartInPlace(within(endpoint, RESTART), a.lower());
            case Action.SetSolo a -> commands.setSolo(within(endpoint, QUICK), a.solo());
            case Action.EnsureApplication a -> commands.ensureApplication(within(endpoint, LONG), application);
        };
    }

    private Mandate within(Endpoint endpoint, Duration time) {
        return new Mandate(endpoint, view.facts().epoch(), time);
    }
}
