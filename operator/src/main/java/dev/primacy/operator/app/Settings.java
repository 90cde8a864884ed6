package dev.primacy.operator.app;

import dev.primacy.operator.kube.Lives;
import dev.primacy.operator.render.Installation;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the environment tells the operator; read once, and refused with a clear word when it makes no sense.
 *
 * @param namespaces to watch; empty for all
 * @param pod name of the operator's own pod: its identity in the leader election
 * @param namespace in which it runs, and in which the Lease is
 */
public record Settings(
        Set<String> namespaces,
        String pod,
        String namespace,
        Lease lease,
        Installation installation,
        int managementPort,
        Lives lives) {

    private static final Set<String> PULL_POLICIES = Set.of("Always", "IfNotPresent", "Never");
    private static final int FIRST_MAJOR = 15;
    private static final int LAST_MAJOR = 18;

    /**
     * A replica that leads renews the Lease about three times in its {@code duration}; if it has not succeeded for {@code renew} it exits, and the
     * other takes over when the Lease is {@code duration} old. Short, since without a leader nothing fails over; nothing
     * depends on there being only one (rule 1).
     */
    public record Lease(String name, Duration duration, Duration renew, Duration retry) {}

    /** @throws IllegalArgumentException if a variable is missing or has a value that cannot be used */
    public static Settings of(Map<String, String> environment) {
        Reader reader = new Reader(environment);
        Lease lease = new Lease(
                reader.text("PRIMACY_LEASE_NAME", "primacy-operator"),
                reader.duration("PRIMACY_LEASE_DURATION", Duration.ofSeconds(6)),
                reader.duration("PRIMACY_LEASE_RENEW_DEADLINE", Duration.ofSeconds(4)),
                reader.duration("PRIMACY_LEASE_RETRY_PERIOD", Duration.ofSeconds(1)));
        if (lease.duration().compareTo(lease.renew()) <= 0 || lease.renew().compareTo(lease.retry()) <= 0) {
            throw new IllegalArgumentException("PRIMACY_LEASE_DURATION (" + lease.duration()
                    + ") must be longer than PRIMACY_LEASE_RENEW_DEADLINE (" + lease.renew()
                    + "), and that longer than PRIMACY_LEASE_RETRY_PERIOD (" + lease.retry() + ")");
        }
        return new Settings(
                reader.names("PRIMACY_WATCH_NAMESPACES"),
                reader.required("POD_NAME", "the operator's pod, by the downward API (metadata.name)"),
                reader.required("POD_NAMESPACE", "its namespace, by the downward API (metadata.namespace)"),
                lease,
                reader.installation(),
                reader.number("PRIMACY_MANAGEMENT_PORT", 8080, 1, 65_535),
                reader.lives());
    }

    private record Reader(Map<String, String> environment) {

        String text(String name, String otherwise) {
            String value = environment.get(name);
            return value == null || value.isBlank() ? otherwise : value.strip();
        }

        String required(String name, String meaning) {
            String value = text(name, "");
            if (value.isEmpty()) {
                throw new IllegalArgumentException(name + " is not set; it has to name " + meaning);
            }
            return value;
        }

        Set<String> names(String name) {
            return Arrays.stream(text(name, "").split(","))
                    .map(String::strip)
                    .filter(it -> !it.isEmpty())
                    .collect(Collectors.toUnmodifiableSet());
        }

        boolean truth(String name, boolean otherwise) {
            String value = text(name, Boolean.toString(otherwise));
            return switch (value) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException(name + " is '" + value + "'; it has to be true or false");
            };
        }

        int number(String name, int otherwise, int least, int greatest) {
            String value = text(name, Integer.toString(otherwise));
            try {
                int number = Integer.parseInt(value);
                if (number >= least && number <= greatest) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // said below
            }
            throw new IllegalArgumentException(
                    name + " is '" + value + "'; it has to be a number from " + least + " to " + greatest);
        }

        Duration duration(String name, Duration otherwise) {
            String value = text(name, otherwise.toString());
            try {
                Duration duration = Duration.parse(value);
                if (duration.isPositive()) {
                    return duration;
                }
            } catch (DateTimeParseException e) {
                // said below
            }
            throw new IllegalArgumentException(
                    name + " is '" + value + "'; it has to be a duration in the form of ISO 8601, like PT6S or P90D");
        }

        Installation installation() {
            String policy = text("PRIMACY_IMAGE_PULL_POLICY", "IfNotPresent");
            if (!PULL_POLICIES.contains(policy)) {
                throw new IllegalArgumentException(
                        "PRIMACY_IMAGE_PULL_POLICY is '" + policy + "'; it has to be Always, IfNotPresent or Never");
            }
            Map<Integer, String> images = new TreeMap<>();
            for (int major = FIRST_MAJOR; major <= LAST_MAJOR; major++) {
                String image = text("PRIMACY_IMAGE_" + major, "");
                if (!image.isEmpty()) {
                    images.put(major, image);
                }
            }
            return new Installation(
                    images,
                    policy,
                    text("POD_NAMESPACE", ""),
                    Installation.OPERATOR_LABELS,
                    !truth("PRIMACY_OPENSHIFT", false));
        }

        Lives lives() {
            Lives lives = new Lives(
                    duration("PRIMACY_CA_LIFETIME", Duration.ofDays(3_650)),
                    duration("PRIMACY_CERTIFICATE_LIFETIME", Duration.ofDays(90)));
            if (lives.authority().compareTo(lives.certificate().multipliedBy(3)) < 0) {
                throw new IllegalArgumentException("PRIMACY_CA_LIFETIME (" + lives.authority()
                        + ") must be at least three times PRIMACY_CERTIFICATE_LIFETIME (" + lives.certificate()
                        + "), so that no certificate outlives the authority that signed it");
            }
            return lives;
        }
    }
}
