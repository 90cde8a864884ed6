package dev.primacy.operator.app;

import dev.primacy.operator.postgres.Outcome;
import dev.primacy.operator.render.Configuration;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets a new postgresql.conf reach the members only once the primary's own PostgreSQL accepts it. Until then they keep the one they
 * have, and the status says what is wrong with the new one.
 */
final class ConfigurationGate {
    /** What was not accepted is shown again after this: the check itself may have failed, or a library may be there now. */
    static final Duration AGAIN = Duration.ofSeconds(10);

    /** The last text that was accepted; one is enough, since there is one wish at a time. */
    private String accepted = "";

    private @Nullable Rejection rejection;

    private record Rejection(String hash, String member, String complaint, Duration at) {}

    /**
     * The primary's own PostgreSQL.
     *
     * @param verdict on the text of a postgresql.conf
     */
    record Judge(String member, Function<String, Outcome> verdict) {}

    /**
     * @param hash of the configuration that members are to run with now
     * @param complaint why that is not the one the spec asks for; null when it is
     */
    record Passage(String hash, @Nullable String complaint) {
        boolean open() {
            return complaint == null;
        }
    }

    /**
     * @param mounted hash of the configuration that the members see now; empty when there is none yet
     * @param primary null when no primary answers, and there is nobody to ask – then the wish passes, since it may be what mends the
     *     cluster
     */
    Passage pass(Optional<String> mounted, Configuration wanted, @Nullable Judge primary, Duration monotonic) {
        String hash = wanted.hash();
        if (mounted.isEmpty() || mounted.get().equals(hash) || primary == null || accepted.equals(hash)) {
            return new Passage(hash, null);
        }
        Rejection kept = rejection;
        if (kept != null
                && kept.hash().equals(hash)
                && kept.member().equals(primary.member())
                && monotonic.minus(kept.at()).compareTo(AGAIN) < 0) {
            return new Passage(mounted.get(), kept.complaint());
        }
        return switch (primary.verdict().apply(wanted.postgresqlConf())) {
            case Outcome.Done done -> {
                accepted = hash;
                yield new Passage(hash, null);
            }
            case Outcome.Refused refused -> {
                String complaint =
                        "spec.postgresql is not loaded, since PostgreSQL does not accept it: " + refused.reason();
                rejection = new Rejection(hash, primary.member(), complaint, monotonic);
                yield new Passage(mounted.get(), complaint);
            }
            case Outcome.Failed failed ->
                new Passage(
                        mounted.get(),
                        "spec.postgresql is not loaded yet: PostgreSQL could not be asked whether it accepts it: "
                                + failed.reason());
            case Outcome.Superseded superseded -> new Passage(mounted.get(), "another operator replica leads now");
        };
    }
}
