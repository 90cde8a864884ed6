package dev.primacy.operator.kube;

import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.api.v1.SecretKeyReference;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.postgres.Certificates;
import dev.primacy.operator.render.Materials;
import dev.primacy.operator.render.Materials.Certificate;
import dev.primacy.operator.render.Secrets;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the cluster's own Secrets and those that the user gives, and works out what they should be. */
public final class SecretKeeper {
    private final KubernetesClient client;
    private final ClusterCache cache;
    private final UserSecrets userSecrets;
    private final Lives lives;

    /** What this process last worked out: a deleted password or authority comes back as it was, since clients know it. */
    private final Map<String, Latest> latest = new ConcurrentHashMap<>();

    /** By the cluster's uid: several may share an authority, and each has loaded it at a time of its own. */
    private final Map<String, Current> current = new ConcurrentHashMap<>();

    public SecretKeeper(KubernetesClient client, ClusterCache cache, UserSecrets userSecrets, Lives lives) {
        this.client = client;
        this.cache = cache;
        this.userSecrets = userSecrets;
        this.lives = lives;
    }

    /**
     * @param materials null when a Secret that the user has to give is missing or wrong, and the cluster has none yet
     * @param problems in words
     * @param renewAt when to work it out again
     */
    public record Kept(
            @Nullable Materials materials,
            List<String> problems,
            @Nullable Instant renewAt) {}

    /** An authority that was taken back counts from then on: meanwhile members may have taken up certificates of the other one. */
    private record Current(X509Certificate authority, Instant since) {}

    /**
     * What was worked out from what: signatures are dear and passes many, so it stands until something differs or is due – also while
     * the Secrets that hold it are yet to be written.
     *
     * @param found what the Secrets held then
     * @param end of the first certificate to end
     */
    private record Latest(
            Keyring.Stored found,
            Keyring.Given given,
            Keyring.Worked worked,
            @Nullable Instant end) {
        boolean stands(Keyring.Stored foundNow, Keyring.Given givenNow, Instant now) {
            return found.equals(foundNow)
                    && given.equals(givenNow)
                    && (worked.renewAt() == null || now.isBefore(worked.renewAt()));
        }

        Materials materials() {
            return worked.materials();
        }
    }

    public Kept keep(Names names, String uid, PostgresClusterSpec spec, Instant now) {
        List<String> problems = new ArrayList<>();
        userSecrets.retain(names, references(spec));
        Latest before = latest.get(uid);
        Keyring.Stored found = stored(names, spec);
        Keyring.Stored stored = before == null ? found : withWhatIsKnown(found, before.materials());
        Optional<Keyring.Given> given = given(names, spec, stored, problems, now);
        if (given.isEmpty()) {
            // A running cluster goes on with what it has: a failover must not wait for somebody to mend a Secret.
            Materials inUse = before == null ? found.inUse().orElse(null) : before.materials();
            return new Kept(inUse, List.copyOf(problems), null);
        }
        Latest newest = before != null && before.stands(found, given.get(), now)
                ? before
                : worked(names, uid, found, stored, given.get(), now);
        return new Kept(
                newest.materials(), List.copyOf(problems), newest.worked().renewAt());
    }

    private Latest worked(
            Names names, String uid, Keyring.Stored found, Keyring.Stored stored, Keyring.Given given, Instant now) {
        Keyring.Worked worked =
                new Keyring(names, lives, now).work(stored, given, authority -> currentSince(uid, authority, now));
        Latest newest = new Latest(
                found, given, worked, Keyring.earliestEnd(worked.materials()).orElse(null));
        latest.put(uid, newest);
        return newest;
    }

    private Instant currentSince(String uid, X509Certificate authority, Instant now) {
        return current.merge(
                        uid,
                        new Current(authority, now),
                        (before, begun) -> before.authority().equals(authority) ? before : begun)
                .since();
    }

    /** When the first of the cluster's certificates ends. */
    public Optional<Instant> certificateEnd(String uid) {
        return Optional.ofNullable(latest.get(uid)).map(Latest::end);
    }

    public void forget(Names names, String uid) {
        latest.remove(uid);
        current.remove(uid);
        userSecrets.retain(names, Set.of());
    }

    private static Set<String> references(PostgresClusterSpec spec) {
        return Stream.of(
                        Optional.ofNullable(spec.tls().caSecretRef()),
                        Optional.ofNullable(spec.tls().serverSecretRef()),
                        Optional.ofNullable(spec.passwordSecretRef()).map(SecretKeyReference::name))
                .flatMap(Optional::stream)
                .collect(Collectors.toSet());
    }

    /** Missing is only what the API server itself says is missing: what a slow watch has not told yet must not be made anew. */
    private Keyring.Stored stored(Names names, PostgresClusterSpec spec) {
        List<String> wanted = List.of(
                names.caSecret(),
                names.serverSecret(),
                names.replicationSecret(),
                names.operatorSecret(),
                names.appSecret());
        List<Optional<Secret>> found = Parallel.map(
                wanted,
                name -> cache.get(Secret.class, names.namespace(), name)
                        .or(() -> needless(names, spec, name) ? Optional.empty() : live(names, name)));
        return new Keyring.Stored(
                pair(found.get(0)),
                pair(found.get(1)),
                pair(found.get(2)),
                pair(found.get(3)),
                text(found.get(1), Secrets.AUTHORITY),
                text(found.get(3), Secrets.AUTHORITY),
                text(found.get(4), "password"));
    }

    /** Beside an authority that the user gives there is none of the cluster's own, and it would be asked for in every pass. */
    private static boolean needless(Names names, PostgresClusterSpec spec, String secret) {
        return spec.tls().caSecretRef() != null && secret.equals(names.caSecret());
    }

    private Optional<Secret> live(Names names, String secret) {
        return Optional.ofNullable(
                client.secrets().inNamespace(names.namespace()).withName(secret).get());
    }

    /** To delete a certificate's Secret is how people ask for another certificate; everything else comes back. */
    private static Keyring.Stored withWhatIsKnown(Keyring.Stored stored, Materials before) {
        String key = before.ca().key();
        return new Keyring.Stored(
                stored.ca() != null || key == null
                        ? stored.ca()
                        : new Certificate(before.ca().certificate(), key),
                stored.server(),
                stored.replication(),
                stored.operator(),
                or(stored.trusted(), before.ca().certificate()),
                or(stored.serverAuthority(), before.serverAuthority()),
                or(stored.password(), before.password()));
    }

    private static <T> @Nullable T or(@Nullable T found, @Nullable T otherwise) {
        return found != null ? found : otherwise;
    }

    /** Empty when something is missing without which nothing can be worked out. */
    private Optional<Keyring.Given> given(
            Names names, PostgresClusterSpec spec, Keyring.Stored stored, List<String> problems, Instant now) {
        boolean complete = true;
        Certificate ca = null;
        Certificate server = null;
        String serverAuthority = null;
        String password = null;
        String caName = spec.tls().caSecretRef();
        if (caName != null) {
            ca = certificate(names, caName, "spec.tls.caSecretRef", problems, now);
            Optional<String> fault =
                    Optional.ofNullable(ca).flatMap(it -> Certificates.authorityFault(it.certificate()));
            if (fault.isPresent()) {
                problems.add("Secret " + caName + " (spec.tls.caSecretRef): " + fault.get());
                ca = null;
            }
            complete &= ca != null;
        }
        String serverName = spec.tls().serverSecretRef();
        if (serverName != null) {
            server = server(names, serverName, problems, now);
            serverAuthority = text(userSecrets.get(names, serverName), Secrets.AUTHORITY);
            if (server == null) {
                // The one in use stays, and the others are renewed: by them the operator and the standbys get in.
                boolean issued = new Keyring(names, lives, now).issuedServer(stored);
                server = issued ? null : stored.server();
                serverAuthority = issued ? null : stored.serverAuthority();
                complete &= stored.inUse().isPresent();
            }
        }
        SecretKeyReference passwordRef = spec.passwordSecretRef();
        // While the cluster is paused, its own Secret, by which applications connect, stays as it is.
        boolean passwordWaits = spec.paused() && stored.password() != null;
        if (passwordRef != null && !passwordWaits) {
            password = password(names, passwordRef, problems);
            complete &= password != null || stored.password() != null;
        }
        return complete ? Optional.of(new Keyring.Given(ca, server, serverAuthority, password)) : Optional.empty();
    }

    private @Nullable Certificate server(Names names, String secret, List<String> problems, Instant now) {
        Certificate pair = certificate(names, secret, "spec.tls.serverSecretRef", problems, now);
        String authority = text(userSecrets.get(names, secret), Secrets.AUTHORITY);
        if (pair != null && (authority == null || Certificates.parsed(authority).isEmpty())) {
            problems.add("Secret " + secret + " (spec.tls.serverSecretRef): its key ca.crt holds no certificate; put"
                    + " there the authority that signed tls.crt, by which the members trust each other");
            return null;
        }
        return pair;
    }

    private @Nullable Certificate certificate(
            Names names, String secret, String field, List<String> problems, Instant now) {
        Optional<Secret> found = userSecrets.get(names, secret);
        if (found.isEmpty()) {
            problems.add("Secret " + secret + " (" + field + ") is missing in namespace " + names.namespace()
                    + ": create it with the keys tls.crt and tls.key");
            return null;
        }
        Certificate pair = pair(found);
        if (pair == null) {
            problems.add("Secret " + secret + " (" + field + ") lacks the key tls.crt or tls.key");
            return null;
        }
        Optional<String> fault = Certificates.fault(pair.certificate(), pair.key(), now);
        if (fault.isPresent()) {
            problems.add("Secret " + secret + " (" + field + "): " + fault.get());
            return null;
        }
        return pair;
    }

    private @Nullable String password(Names names, SecretKeyReference reference, List<String> problems) {
        Optional<Secret> found = userSecrets.get(names, reference.name());
        String password = text(found, reference.key());
        String secret = "Secret " + reference.name() + " (spec.passwordSecretRef)";
        if (found.isEmpty()) {
            problems.add(secret + " is missing in namespace " + names.namespace() + ": create it with the key "
                    + reference.key());
        } else if (password == null || password.isEmpty()) {
            problems.add(secret + " has no key " + reference.key() + ", or it is empty");
        } else if (password.chars().anyMatch(c -> c < ' ')) {
            problems.add(secret + ": the password under the key " + reference.key()
                    + " contains a line break or another control character; remove it (echo -n)");
        } else {
            return password;
        }
        return null;
    }

    private static @Nullable Certificate pair(Optional<Secret> secret) {
        String certificate = text(secret, Secrets.CERTIFICATE);
        String key = text(secret, Secrets.KEY);
        return certificate == null || key == null ? null : new Certificate(certificate, key);
    }

    private static @Nullable String text(Optional<Secret> secret, String key) {
        return secret.map(Secret::getData)
                .map(data -> data.get(key))
                .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8))
                .orElse(null);
    }
}
