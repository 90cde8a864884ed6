package dev.primacy.operator.app;

import dev.primacy.operator.postgres.Outcome;
import dev.primacy.operator.render.Configuration;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets a new postgresql.conf reach the members only once the PostgreSQL of one of them accepts it. Until then they keep the one they
 * have, and the status says what is wrong with the new one. With one that they do not accept they would load nothing else any more either:
 * neither a vote nor the order to become primary.
 */
final class ConfigurationGate {
    /** What was not accepted is shown again after this: the check itself may have failed, or a library may be there now. */
    static final Duration AGAIN = Duration.ofSeconds(10);

    /** The last text that was accepted; one is enough, since there is one wish at a time. */
    private String accepted = "";

    private @Nullable Rejection rejection;

    /** @param refused by PostgreSQL, which otherwise could not be asked */
    private record Rejection(String hash, String member, boolean refused, String complaint, Duration at) {}

    /** Whom to ask. */
    sealed interface Jury {}

    /**
     * The PostgreSQL of a member.
     *
     * @param verdict on the text of a postgresql.conf
     */
    record Judge(String member, Function<String, Outcome> verdict) implements Jury {}

    enum Nobody implements Jury {
        /** Somebody may answer in a moment: the members are yet to be looked at. */
        YET,
        /** All were looked at. What is new may be what mends them. */
        THERE
    }

    /**
     * @param hash of the configuration that members are to run with now
     * @param open whether that is the one that the spec asks for
     * @param complaint what is wrong with that; null if nothing is known to be
     */
    record Passage(String hash, boolean open, @Nullable String complaint) {
        private static Passage through(String hash) {
            return new Passage(hash, true, null);
        }

        private static Passage held(String mounted, @Nullable String complaint) {
            return new Passage(mounted, false, complaint);
        }
    }

    /** @param mounted hash of the configuration that the members see now; empty when there is none yet */
    Passage pass(Optional<String> mounted, Configuration wanted, Jury jury, Duration monotonic) {
        String hash = wanted.hash();
        if (mounted.isEmpty() || mounted.get().equals(hash) || accepted.equals(hash)) {
            return Passage.through(hash);
        }
        Rejection before = rejection != null && rejection.hash().equals(hash) ? rejection : null;
        return switch (jury) {
            case Nobody.YET -> Passage.held(mounted.get(), before == null ? null : before.complaint());
            case Nobody.THERE ->
                before != null && before.refused()
                        ? Passage.held(mounted.get(), before.complaint())
                        : Passage.through(hash);
            case Judge judge ->
                before != null
                                && before.member().equals(judge.member())
                                && monotonic.minus(before.at()).compareTo(AGAIN) < 0
                        ? Passage.held(mounted.get(), before.complaint())
                        : judged(mounted.get(), wanted, judge, monotonic);
        };
    }

    private Passage judged(String mounted, Configuration wanted, Judge judge, Duration monotonic) {
        return switch (judge.verdict().apply(wanted.postgresqlConf())) {
            case Outcome.Done done -> {
                accepted = wanted.hash();
                yield Passage.through(wanted.hash());
            }
            case Outcome.Refused refused ->
                rejected(
                        mounted,
                        new Rejection(
                                wanted.hash(),
                                judge.member(),
                                true,
                                "the new configuration is not loaded, since PostgreSQL does not accept it: "
                                        + refused.reason(),
                                monotonic));
            case Outcome.Failed failed ->
                rejected(
                        mounted,
                        new Rejection(
                                wanted.hash(),
                                judge.member(),
                                false,
                                "the new configuration is not loaded yet: PostgreSQL could not be asked whether it accepts it: "
                                        + failed.reason(),
                                monotonic));
            case Outcome.Superseded superseded -> Passage.held(mounted, "another operator replica leads now");
        };
    }

    private Passage rejected(String mounted, Rejection newest) {
        rejection = newest;
        return Passage.held(mounted, newest.complaint());
    }
}
