package dev.primacy.operator.render;

import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.operator.model.Leave;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * postgresql.conf, whole. The user's parameters override the defaults, and the fixed ones override the user's, though the CRD refuses
 * those at once, with a reason. What is not here is PostgreSQL's own default.
 */
final class PostgresqlConf {
    static final String SOCKET_DIRECTORY = "/run/primacy/socket";

    /** Two sessions and a probe of the operator, the script's session, the kubelet's, and some for people in need. */
    private static final int RESERVED = 10;

    private static final int CLIENTS = 100;

    /**
     * Enough for nine members, each with a walsender and now and then a clone, which takes two, and for some of the user's own. It
     * does not follow the number of members, since changing it needs a restart and scaling must not.
     */
    private static final int SENDERS = 32;

    private static final Pattern PARAMETER = Pattern.compile("[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)*");

    private static final Pattern CERTIFICATES = Pattern.compile("^# Certificates: .*$", Pattern.MULTILINE);
    private static final Pattern HASH = Pattern.compile("^primacy\\.config = '([^']*)'", Pattern.MULTILINE);

    private PostgresqlConf() {}

    /** @param hash what {@code primacy.config} is to say */
    static String of(Blueprint blueprint, String hash) {
        Map<String, String> fixed = fixed(blueprint, hash);
        Map<String, String> wanted = new TreeMap<>(blueprint.spec().postgresql().parameters());
        wanted.keySet().removeIf(name -> fixed.containsKey(name) || !isParameter(name));
        Map<String, String> defaults = defaults(blueprint);
        defaults.keySet().removeAll(wanted.keySet());
        return "# Written by primacy; edits are undone. Change spec.postgresql.parameters instead.\n"
                + certificates(blueprint.materials())
                + "\n"
                + "\n# Defaults\n"
                + lines(defaults)
                + "\n# spec.postgresql.parameters\n"
                + lines(wanted)
                + "\n# Fixed by primacy\n"
                + lines(fixed);
    }

    /** A renewed certificate makes a new configuration, and so a reload. */
    private static String certificates(Materials materials) {
        return "# Certificates: "
                + Hash.of(materials.server().certificate(), materials.ca().certificate());
    }

    /** The same text for these certificates. */
    static String withCertificates(String text, Materials materials) {
        return CERTIFICATES.matcher(text).replaceFirst(certificates(materials));
    }

    /** The same text with another {@code primacy.config}. */
    static String withHash(String text, String hash) {
        return HASH.matcher(text).replaceFirst("primacy.config = '" + hash + "'");
    }

    /** What {@code primacy.config} says in a text. */
    static Optional<String> hash(String text) {
        return HASH.matcher(text).results().map(found -> found.group(1)).findFirst();
    }

    /** {@code include} and its kin look like parameters, and read other files. */
    private static boolean isParameter(String name) {
        return PARAMETER.matcher(name).matches() && !name.startsWith("include");
    }

    private static Map<String, String> defaults(Blueprint blueprint) {
        PostgresClusterSpec spec = blueprint.spec();
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("max_connections", Integer.toString(CLIENTS + RESERVED));
        memory(spec.pod().resources()).map(WalSizes::mebibytes).ifPresent(available -> {
            // The manual's starting point: a quarter, and what the kernel's page cache may hold beside it.
            defaults.put("shared_buffers", megabytes(Math.max(available / 4, 16)));
            defaults.put("effective_cache_size", megabytes(Math.max(available * 3 / 4, 16)));
        });
        WalSizes wal = WalSizes.of(blueprint);
        defaults.put("min_wal_size", megabytes(wal.minimum()));
        defaults.put("max_wal_size", megabytes(wal.maximum()));
        defaults.put("wal_keep_size", megabytes(wal.kept()));
        if (blueprint.ephemeral()) {
            defaults.put("synchronous_commit", "off");
        }
        // A kernel with huge pages that the pod may not use kills PostgreSQL with a bus error.
        defaults.put("huge_pages", hasHugePages(spec.pod().resources()) ? "try" : "off");
        defaults.put("log_line_prefix", "%m [%p] %q%u@%d ");
        // What initdb would write; messages stay in English, which is what people search for.
        String locale = spec.bootstrap().initdb().locale();
        defaults.put("lc_messages", "C");
        defaults.put("lc_monetary", locale);
        defaults.put("lc_numeric", locale);
        defaults.put("lc_time", locale);
        defaults.put("default_text_search_config", "pg_catalog.english");
        defaults.put("timezone", "Etc/UTC");
        defaults.put("log_timezone", "Etc/UTC");
        return defaults;
    }

    /** The protocol's section "Fixed parameters", and what the script and the operator build on. */
    private static Map<String, String> fixed(Blueprint blueprint, String hash) {
        PostgresClusterSpec spec = blueprint.spec();
        Map<String, String> wanted = spec.postgresql().parameters();
        String durable = blueprint.ephemeral() ? "off" : "on";
        Map<String, String> fixed = new LinkedHashMap<>();
        fixed.put("listen_addresses", "*");
        fixed.put("port", Integer.toString(spec.port()));
        fixed.put("unix_socket_directories", SOCKET_DIRECTORY);
        fixed.put("unix_socket_permissions", "0700");
        fixed.put("ssl", "on");
        fixed.put("ssl_cert_file", PodTemplate.TLS + "/" + Secrets.CERTIFICATE);
        fixed.put("ssl_key_file", PodTemplate.TLS + "/" + Secrets.KEY);
        fixed.put("ssl_ca_file", PodTemplate.TLS + "/" + Secrets.AUTHORITY);
        fixed.put("password_encryption", "scram-sha-256");
        fixed.put("superuser_reserved_connections", Integer.toString(reserved(wanted)));
        fixed.put("shared_preload_libraries", libraries(spec.postgresql().sharedPreloadLibraries()));

        fixed.put("fsync", durable);
        fixed.put("full_page_writes", durable);
        fixed.put("wal_log_hints", "on");
        fixed.put("wal_level", "logical".equals(wanted.get("wal_level")) ? "logical" : "replica");
        fixed.put("archive_mode", "off");
        fixed.put("restore_command", "");
        fixed.put("recovery_min_apply_delay", "0");
        // On, it would be writable again behind everybody's back after a crash.
        fixed.put("restart_after_crash", "off");
        fixed.put("hot_standby", "on");
        fixed.put("track_activities", "on");
        fixed.put("max_wal_senders", Integer.toString(SENDERS));
        fixed.put("max_replication_slots", Integer.toString(SENDERS));
        fixed.put("max_slot_wal_keep_size", megabytes(WalSizes.of(blueprint).slots()));
        fixed.put("wal_sender_timeout", Leave.WAL_TIMEOUT.toSeconds() + "s");
        fixed.put("wal_receiver_timeout", Leave.WAL_TIMEOUT.toSeconds() + "s");
        fixed.put("wal_receiver_status_interval", "1s");
        fixed.put("wal_receiver_create_temp_slot", "off");
        fixed.put("wal_retrieve_retry_interval", "300ms");
        fixed.put("logging_collector", "off");
        fixed.put("log_destination", "stderr");
        if (spec.postgresVersion() >= 17) {
            fixed.put("allow_alter_system", "on");
            fixed.put("sync_replication_slots", "off");
        }
        if (spec.postgresVersion() >= 18) {
            fixed.put("idle_replication_slot_timeout", "0");
        }
        // Declared here, since ALTER SYSTEM refuses a parameter that nobody declared (PostgreSQL 14 to 16).
        fixed.put("primacy.epoch", "0");
        fixed.put("primacy.promotable", "");
        fixed.put("primacy.config", hash);
        return fixed;
    }

    /** PostgreSQL does not start unless some connections are left for others. */
    private static int reserved(Map<String, String> wanted) {
        String connections = wanted.getOrDefault("max_connections", "");
        return connections.matches("\\d{1,6}") ? Math.clamp(Integer.parseInt(connections) / 2, 1, RESERVED) : RESERVED;
    }

    private static String libraries(List<String> libraries) {
        return libraries.stream()
                .map(library ->
                        library.matches("[A-Za-z0-9_$/.-]+") ? library : '"' + library.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(","));
    }

    private static Optional<Quantity> memory(@Nullable ResourceRequirements resources) {
        return quantity(resources == null ? null : resources.getRequests())
                .or(() -> quantity(resources == null ? null : resources.getLimits()));
    }

    private static Optional<Quantity> quantity(@Nullable Map<String, Quantity> amounts) {
        return Optional.ofNullable(amounts).map(map -> map.get("memory"));
    }

    private static boolean hasHugePages(@Nullable ResourceRequirements resources) {
        return resources != null
                && resources.getLimits() != null
                && resources.getLimits().keySet().stream().anyMatch(name -> name.startsWith("hugepages-"));
    }

    private static String megabytes(long amount) {
        return amount + "MB";
    }

    private static String lines(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + " = " + quoted(parameter.getValue()) + "\n")
                .collect(Collectors.joining());
    }

    /** As the manual's section "Setting Parameters" has it: quotes and backslashes are doubled, and a line cannot break. */
    static String quoted(String value) {
        return "'"
                + value.replace("\\", "\\\\")
                        .replace("'", "''")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                + "'";
    }
}
