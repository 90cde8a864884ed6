package dev.primacy.operator.app;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.kube.Applier;
import dev.primacy.operator.kube.Executor;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.postgres.ApplicationAccess;
import dev.primacy.operator.postgres.Commands;
import dev.primacy.operator.postgres.Connector;
import dev.primacy.operator.postgres.Tls;
import dev.primacy.operator.render.Hash;
import dev.primacy.operator.render.Materials;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of one cluster beside the API server's objects. All of it may be lost: it is gathered again. Used by
 * one pass at a time.
 */
final class Memory implements AutoCloseable {
    private final String identity;
    private final ConfigurationGate gate = new ConfigurationGate();
    private final Rendering rendering = new Rendering();
    /** Before what is secret, so that nobody who reads its hash in a log may try passwords against it; it never leaves the process. */
    private final String salt = UUID.randomUUID().toString();

    private Map<String, String> addresses = Map.of();
    private long ownEpoch;
    private @Nullable Access access;
    private @Nullable Ensured ensured;
    private List<Applier.Refusal> refusals = List.of();
    private List<String> missingConsents = List.of();
    private List<Executor.Failure> failures = List.of();
    private volatile @Nullable ClusterView lastView;

    private record Access(String certificate, String authority, Connector connector, Commands commands) {}

    private record Ensured(String primary, String hash, String roles) {}

    /** @param identity of this operator process, by which members tell operators apart */
    Memory(String identity) {
        this.identity = identity;
    }

    ConfigurationGate gate() {
        return gate;
    }

    Rendering rendering() {
        return rendering;
    }

    /**
     * Where to look at each member. One whose pod is gone is looked for at its last address: what was seen of it, and above
     * all when it was last granted to stay writable (rule 3), must not be forgotten with the pod.
     *
     * @param now the addresses of the pods that are there
     */
    Map<String, String> addresses(Map<String, String> now, List<String> members) {
        Map<String, String> all = new TreeMap<>(addresses);
        all.keySet().retainAll(members);
        all.putAll(now);
        addresses = Map.copyOf(all);
        return addresses;
    }

    long ownEpoch() {
        return ownEpoch;
    }

    void raised(long epoch) {
        ownEpoch = epoch;
    }

    Connector connector(Materials materials) {
        return access(materials).connector();
    }

    Commands commands(Materials materials) {
        return access(materials).commands();
    }

    /** Sessions are kept, so a new connector is made only for a new certificate or authority. */
    private Access access(Materials materials) {
        Access kept = access;
        String certificate = materials.operator().certificate();
        if (kept != null
                && kept.certificate().equals(certificate)
                && kept.authority().equals(materials.serverAuthority())) {
            return kept;
        }
        if (kept != null) {
            kept.commands().close();
        }
        Connector connector =
                new Connector(identity, Tls.of(certificate, materials.operator().key(), materials.serverAuthority()));
        Access made = new Access(certificate, materials.serverAuthority(), connector, new Commands(connector));
        access = made;
        return made;
    }

    /** @param wanted now */
    ClusterView.Application application(ApplicationAccess wanted, Facts facts) {
        String hash = Hash.of(
                salt, wanted.owner(), wanted.password(), wanted.database(), Boolean.toString(wanted.createDatabases()));
        Ensured last = ensured;
        return last != null && last.primary().equals(facts.primary())
                ? new ClusterView.Application(hash, last.hash(), last.roles())
                : new ClusterView.Application(hash, "", "");
    }

    void acted(Executor.Report report) {
        failures = report.failures();
        for (Action action : report.done()) {
            if (action instanceof Action.EnsureApplication(String member, String hash, String roles)) {
                ensured = new Ensured(member, hash, roles);
            }
        }
        boolean roleFailed = report.failures().stream().anyMatch(it -> it.action() instanceof Action.EnsureApplication);
        if (roleFailed) {
            ensured = null;
        }
    }

    /** @param missing the consents of other namespaces that are missing, in words */
    void applied(List<Applier.Refusal> newRefusals, List<String> missing) {
        refusals = newRefusals;
        missingConsents = missing;
    }

    /** What could not be made of the cluster's objects, in words. */
    List<String> unapplied() {
        return Stream.concat(missingConsents.stream(), refusals.stream().map(Applier.Refusal::toString))
                .toList();
    }

    /** What did not succeed in the last pass, in words. */
    List<String> problems() {
        List<String> words = new ArrayList<>(unapplied());
        failures.stream().map(Executor.Failure::words).distinct().forEach(words::add);
        return words;
    }

    void saw(ClusterView view) {
        lastView = view;
    }

    @Nullable
    ClusterView lastView() {
        return lastView;
    }

    @Override
    public void close() {
        if (access != null) {
            access.commands().close();
            access = null;
        }
    }
}
