package dev.primacy.operator.postgres;

import dev.primacy.operator.model.Names;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** What can be told from a certificate: how long it is good for, for which names, and by whose word. */
public final class Certificates {
    /** GeneralName of the kind dNSName (RFC 5280, 4.2.1.6). */
    private static final Integer DNS_NAME = 2;

    private Certificates() {}

    /**
     * The names in a server's certificate: each Service, short, with the namespace, with {@code .svc} and with the cluster's
     * domain, and every pod.
     */
    public static List<String> serverNames(Names names, String clusterDomain) {
        List<String> services = List.of(names.readWriteService(), names.readOnlyService(), names.readService());
        String namespace = names.namespace();
        String pods = "*." + names.membersService() + "." + namespace + ".svc";
        List<String> suffixes =
                List.of("", "." + namespace, "." + namespace + ".svc", "." + namespace + ".svc." + clusterDomain);
        List<String> all = new ArrayList<>();
        services.forEach(service -> suffixes.forEach(suffix -> all.add(service + suffix)));
        all.add(pods);
        all.add(pods + "." + clusterDomain);
        return List.copyOf(all);
    }

    /** When two thirds of its life are over, a certificate is due to be made anew. */
    public static Instant renewalDue(String certificate) {
        X509Certificate first = Pem.certificates(certificate).getFirst();
        Instant begin = first.getNotBefore().toInstant();
        Duration life = Duration.between(begin, end(certificate));
        return begin.plus(life.multipliedBy(2).dividedBy(3));
    }

    public static Instant end(String certificate) {
        return Pem.certificates(certificate).getFirst().getNotAfter().toInstant();
    }

    /**
     * Whether {@code certificate} may go on serving: signed by {@code authority}, not due for renewal, made for all of
     * {@code names}. An unreadable one may not.
     */
    public static boolean good(String certificate, String authority, Collection<String> names, Instant now) {
        try {
            X509Certificate first = Pem.certificates(certificate).getFirst();
            first.verify(Pem.certificates(authority).getFirst().getPublicKey());
            return now.isBefore(renewalDue(certificate)) && names(first).containsAll(names);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private static Set<String> names(X509Certificate certificate) throws CertificateParsingException {
        var names = certificate.getSubjectAlternativeNames();
        return names == null
                ? Set.of()
                : names.stream()
                        .filter(name -> Objects.equals(name.getFirst(), DNS_NAME))
                        .map(name -> String.valueOf(name.get(1)))
                        .collect(Collectors.toSet());
    }
}
