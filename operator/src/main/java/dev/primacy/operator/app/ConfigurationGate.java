package dev.primacy.operator.app;

import dev.primacy.operator.kube.ClusterCache;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.postgres.Commands;
import dev.primacy.operator.postgres.Endpoint;
import dev.primacy.operator.postgres.Mandate;
import dev.primacy.operator.postgres.Outcome;
import dev.primacy.operator.render.Configuration;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets a new postgresql.conf reach the members only once the primary's own PostgreSQL accepts it. Until then they keep the one they
 * have, and the status says what is wrong with the new one.
 */
final class ConfigurationGate {
    private static final Duration CHECK = Duration.ofSeconds(5);
    private static final Pattern HASH = Pattern.compile("^primacy\\.config = '([^']*)'", Pattern.MULTILINE);

    private final ClusterCache cache;

    /** The last text that was accepted; one is enough, since there is one wish at a time. Complaints are asked for again. */
    private String accepted = "";

    /**
     * @param hash of the configuration that members are to run with now
     * @param complaint why that is not the one the spec asks for; null when it is
     */
    record Passage(String hash, @Nullable String complaint) {
        boolean open() {
            return complaint == null;
        }
    }

    ConfigurationGate(ClusterCache cache) {
        this.cache = cache;
    }

    /**
     * @param primary where the primary answers; null when none does, and there is nobody to ask – then the wish passes, since it may
     *     be what mends the cluster
     */
    Passage pass(Names names, Configuration wanted, Facts facts, @Nullable Endpoint primary, Commands commands) {
        Optional<String> mounted = mounted(names);
        if (mounted.isEmpty() || mounted.get().equals(wanted.hash())) {
            return new Passage(wanted.hash(), null);
        }
        if (primary == null || accepted.equals(wanted.hash())) {
            return new Passage(wanted.hash(), null);
        }
        Outcome outcome =
                commands.checkConfiguration(new Mandate(primary, facts.epoch(), CHECK), wanted.postgresqlConf());
        return switch (outcome) {
            case Outcome.Done done -> {
                accepted = wanted.hash();
                yield new Passage(wanted.hash(), null);
            }
            case Outcome.Failed failed ->
                new Passage(
                        mounted.get(),
                        "spec.postgresql is not loaded, since PostgreSQL does not accept it: " + failed.reason());
            case Outcome.Superseded superseded -> new Passage(mounted.get(), "another operator replica leads now");
        };
    }

    private Optional<String> mounted(Names names) {
        return cache.get(ConfigMap.class, names.namespace(), names.configMap())
                .map(ConfigMap::getData)
                .map(data -> data.get("postgresql.conf"))
                .map(HASH::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1));
    }

    static @Nullable Endpoint endpoint(Iterable<Endpoint> endpoints, Facts facts, @Nullable Probe seen) {
        if (!(seen instanceof Probe.Primary)) {
            return null;
        }
        for (Endpoint endpoint : endpoints) {
            if (endpoint.member().equals(facts.primary())) {
                return endpoint;
            }
        }
        return null;
    }
}
