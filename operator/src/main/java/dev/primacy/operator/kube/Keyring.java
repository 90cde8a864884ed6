package dev.primacy.operator.kube;

import dev.primacy.operator.model.Names;
import dev.primacy.operator.postgres.Authority;
import dev.primacy.operator.postgres.Certificates;
import dev.primacy.operator.render.Materials;
import dev.primacy.operator.render.Materials.Certificate;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Works out a cluster's secret values from those that are kept and those that the user gives. What is kept stays as long as it
 * serves; what is missing or about to expire is made anew.
 *
 * <p>When the authority changes, the new one is trusted beside the old one first. Only after a while do certificates come from
 * the new one, since one that comes from an authority that a peer has not loaded yet would lock the operator and the standbys
 * out.
 */
final class Keyring {
    private static final String ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int PASSWORD_LENGTH = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Names names;
    private final Lives lives;
    private final Instant now;
    private final List<Instant> renewals = new ArrayList<>();

    /**
     * What the cluster's own Secrets hold; null where there is none.
     *
     * @param trusted PEM of the authorities whose clients the servers let in
     * @param serverAuthority PEM of the authorities by which clients know the servers
     */
    record Stored(
            @Nullable Certificate ca,
            @Nullable Certificate server,
            @Nullable Certificate replication,
            @Nullable Certificate operator,
            @Nullable String trusted,
            @Nullable String serverAuthority,
            @Nullable String password) {

        /** All that a running cluster works with; empty when part of it is missing. */
        Optional<Materials> inUse() {
            if (server == null
                    || replication == null
                    || operator == null
                    || trusted == null
                    || serverAuthority == null
                    || password == null) {
                return Optional.empty();
            }
            String key = ca == null ? null : ca.key();
            return Optional.of(new Materials(
                    new Materials.Authority(trusted, key), serverAuthority, server, replication, operator, password));
        }
    }

    /**
     * What the user's Secrets give; null where the spec names none.
     *
     * @param server while the user's own is of no use: the one in use, unless the operator issued it
     */
    record Given(
            @Nullable Certificate ca,
            @Nullable Certificate server,
            @Nullable String serverAuthority,
            @Nullable String password) {}

    /** @param renewAt when something has to be made anew; null when nothing of it is the operator's */
    record Worked(Materials materials, @Nullable Instant renewAt) {}

    /** Since when the current authority has been that, and in the cluster's Secrets; the answer is kept by the caller. */
    interface CurrentSince {
        Instant of(X509Certificate authority);
    }

    Keyring(Names names, Lives lives, Instant now) {
        this.names = names;
        this.lives = lives;
        this.now = now;
    }

    Worked work(Stored stored, Given given, CurrentSince currentSince) {
        Certificate ca = authority(stored, given);
        X509Certificate current = Certificates.parsed(ca.certificate()).getFirst();
        List<X509Certificate> before = Certificates.parsed(Objects.requireNonNullElse(stored.trusted(), ""));
        Instant known = before.contains(current) ? currentSince.of(current) : now;
        boolean ready = !before.contains(current)
                ? before.isEmpty()
                : !known.plus(lives.trustFirst()).isAfter(now);

        List<X509Certificate> trusted = new ArrayList<>(List.of(current));
        before.stream()
                .filter(old -> !old.equals(current) && Certificates.end(old).isAfter(now))
                .forEach(trusted::add);
        Authority issuer = new Authority(ca.certificate(), ca.key());

        Certificate server = given.server() != null
                ? given.server()
                : leaf(
                        stored.server(),
                        serverNames(),
                        trusted,
                        ready,
                        () -> issuer.server(
                                names.readWriteHost(), List.copyOf(serverNames()), now, lives.certificate()));
        Certificate replication = leaf(
                stored.replication(),
                Set.of(),
                trusted,
                ready,
                () -> issuer.client("primacy_replica", now, lives.certificate()));
        Certificate operator = leaf(
                stored.operator(), Set.of(), trusted, ready, () -> issuer.client("primacy", now, lives.certificate()));

        // Members go on showing certificates of the one before until they have loaded those that were issued just now.
        Instant forgotten = known.plus(lives.trustFirst().multipliedBy(3));
        boolean remembered = trusted.size() > 1 && forgotten.isAfter(now);
        if (remembered) {
            renewals.add(forgotten);
        }
        String bundle = Certificates.pem(
                remembered ? trusted : needed(trusted, current, Stream.of(server, replication, operator)));
        String serverAuthority = given.serverAuthority() == null
                ? bundle
                : Certificates.pem(Certificates.all(List.of(given.serverAuthority(), bundle)));
        String password = Stream.of(given.password(), stored.password())
                .filter(Objects::nonNull)
                .findFirst()
                .orElseGet(Keyring::newPassword);
        Materials materials = new Materials(
                new Materials.Authority(bundle, given.ca() == null ? ca.key() : null),
                serverAuthority,
                server,
                replication,
                operator,
                password);
        return new Worked(materials, renewals.stream().min(Instant::compareTo).orElse(null));
    }

    private Certificate authority(Stored stored, Given given) {
        if (given.ca() != null) {
            return given.ca();
        }
        Certificate kept = stored.ca();
        if (kept != null
                && Certificates.fault(kept.certificate(), kept.key(), now).isEmpty()) {
            X509Certificate first = Certificates.parsed(kept.certificate()).getFirst();
            Instant renewal = Certificates.renewal(first, lives.authority());
            if (renewal.isAfter(now)
                    && Certificates.authorityFault(kept.certificate()).isEmpty()) {
                renewals.add(renewal);
                return kept;
            }
        }
        Authority made = Authority.create(names.cluster() + "." + names.namespace() + " CA", now, lives.authority());
        renewals.add(now.plus(lives.authority().multipliedBy(2).dividedBy(3)));
        return new Certificate(made.certificate(), made.key());
    }

    private interface Issue {
        Authority.Issued now();
    }

    /** @param ready whether the peers have had time to trust the current authority */
    private Certificate leaf(
            @Nullable Certificate kept, Set<String> wanted, List<X509Certificate> trusted, boolean ready, Issue issue) {
        if (kept != null
                && Certificates.fault(kept.certificate(), kept.key(), now).isEmpty()) {
            X509Certificate certificate =
                    Certificates.parsed(kept.certificate()).getFirst();
            boolean accepted = trusted.stream().anyMatch(it -> Certificates.signed(it, certificate));
            boolean current = Certificates.signed(trusted.getFirst(), certificate);
            boolean named = Certificates.names(certificate).equals(wanted);
            Instant renewal = Certificates.renewal(certificate, lives.certificate());
            boolean fresh = renewal.isAfter(now) || !wouldLiveLonger(certificate, trusted.getFirst());
            boolean good = current && named && fresh;
            if (accepted && (!ready || good)) {
                if (!good) {
                    renewals.add(now.plus(lives.trustFirst()));
                }
                if (renewal.isAfter(now)) {
                    renewals.add(renewal);
                }
                return kept;
            }
        }
        Authority.Issued issued = issue.now();
        renewals.add(now.plus(lives.certificate().multipliedBy(2).dividedBy(3)));
        return new Certificate(issued.certificate(), issued.key());
    }

    /** An authority that the user gave may itself be near its end; then a new certificate would be no better. */
    private boolean wouldLiveLonger(X509Certificate certificate, X509Certificate authority) {
        Instant end = Stream.of(now.plus(lives.certificate()), Certificates.end(authority))
                .min(Instant::compareTo)
                .orElseThrow();
        return end.isAfter(
                Certificates.end(certificate).plus(lives.certificate().dividedBy(10)));
    }

    /** An authority is trusted as long as a certificate in use comes from it. */
    private static Set<X509Certificate> needed(
            List<X509Certificate> trusted, X509Certificate current, Stream<Certificate> used) {
        List<X509Certificate> leaves = used.flatMap(
                        it -> Certificates.parsed(it.certificate()).stream().limit(1))
                .toList();
        Set<X509Certificate> needed = new LinkedHashSet<>(List.of(current));
        trusted.stream()
                .filter(it -> leaves.stream().anyMatch(leaf -> Certificates.signed(it, leaf)))
                .forEach(needed::add);
        return needed;
    }

    /** Whether the server's certificate in use was issued here; one that the user gave may come from the same authority. */
    boolean issuedServer(Stored stored) {
        List<X509Certificate> authorities = Certificates.parsed(Objects.requireNonNullElse(stored.trusted(), ""));
        return Stream.ofNullable(stored.server())
                .flatMap(it -> Certificates.parsed(it.certificate()).stream().limit(1))
                .filter(leaf -> Certificates.names(leaf).equals(serverNames()))
                .anyMatch(leaf -> authorities.stream().anyMatch(it -> Certificates.signed(it, leaf)));
    }

    /** Every name by which a client may reach the server, within its namespace and from outside it. */
    private Set<String> serverNames() {
        Set<String> all = new TreeSet<>(Set.of("localhost"));
        for (String service : List.of(names.readWriteService(), names.readOnlyService(), names.readService())) {
            addForms(all, service);
        }
        addForms(all, "*." + names.membersService());
        return all;
    }

    private void addForms(Set<String> all, String host) {
        if (!host.startsWith("*")) {
            all.add(host);
        }
        all.add(host + "." + names.namespace());
        all.add(host + "." + names.namespace() + ".svc");
        all.add(host + "." + names.namespace() + ".svc.cluster.local");
    }

    /** Letters and digits alone: some consumers paste a password raw into a URL. */
    static String newPassword() {
        return RANDOM.ints(PASSWORD_LENGTH, 0, ALPHANUMERIC.length())
                .mapToObj(i -> String.valueOf(ALPHANUMERIC.charAt(i)))
                .reduce("", String::concat);
    }

    static Optional<Instant> earliestEnd(Materials materials) {
        return Stream.of(materials.server(), materials.replication(), materials.operator())
                .flatMap(it -> Certificates.parsed(it.certificate()).stream().limit(1))
                .map(Certificates::end)
                .min(Instant::compareTo);
    }
}
