package dev.primacy.operator.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.primacy.operator.postgres.Authority;
import dev.primacy.operator.postgres.Pem;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * As much of an API server as a start of the operator needs: it keeps what it is given, lists it, and has no news for a watch. Over
 * TLS, as everywhere: that is a good part of the classes. For the training run alone.
 */
final class TrainingServer implements AutoCloseable {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final Duration LIFE = Duration.ofHours(1);
    private static final String VERSION = "/metadata/resourceVersion";

    private final ObjectMapper mapper;
    private final HttpsServer server;
    private final Authority authority = Authority.create("training", Instant.now(), LIFE);
    private final Map<String, JsonNode> objects = new ConcurrentSkipListMap<>();
    private final AtomicLong versions = new AtomicLong(1);

    TrainingServer(ObjectMapper mapper) throws IOException {
        this.mapper = mapper;
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context()));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    private SSLContext context() throws IOException {
        Authority.Issued own = authority.server("localhost", List.of("localhost"), Instant.now(), LIFE);
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry(
                    "own",
                    Pem.privateKey(own.key()),
                    new char[0],
                    Pem.certificates(own.certificate()).toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the training run has no certificate", e);
        }
    }

    /** How it is reached, and by whose word it is trusted. */
    Config config() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("https://localhost:" + server.getAddress().getPort())
                .withCaCertData(authority.certificate())
                .build();
    }

    void put(String path, JsonNode object) {
        objects.put(path, versioned(object));
    }

    boolean has(String path) {
        return objects.containsKey(path);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        switch (exchange.getRequestMethod()) {
            case "GET" -> {
                if (query.contains("watch=true")) {
                    hold(exchange);
                } else if (objects.containsKey(path)) {
                    send(exchange, OK, objects.get(path));
                } else if (isCollection(path)) {
                    send(exchange, OK, list(path));
                } else {
                    send(exchange, NOT_FOUND, status("NotFound", NOT_FOUND));
                }
            }
            case "POST" -> {
                JsonNode object = versioned(mapper.readTree(exchange.getRequestBody()));
                objects.put(path + "/" + object.at("/metadata/name").asText(), object);
                send(exchange, OK, object);
            }
            default -> {
                JsonNode sent = mapper.readTree(exchange.getRequestBody());
                String whole = path.replaceAll("/status$", "");
                JsonNode before = objects.get(whole);
                JsonNode object = sent.path("kind").isTextual() ? versioned(sent) : before;
                if (before != null && isOutdated(sent, before)) {
                    send(exchange, CONFLICT, status("Conflict", CONFLICT));
                } else if (object != null) {
                    objects.put(whole, object);
                    send(exchange, OK, object);
                } else {
                    send(exchange, NOT_FOUND, status("NotFound", NOT_FOUND));
                }
            }
        }
    }

    /** Answers begin, and no event ever follows; a WebSocket is refused in the way that makes the client fall back to this. */
    private static void hold(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(OK, exchange.getRequestHeaders().containsKey("Upgrade") ? -1 : 0);
    }

    /** {@code …/pods} and {@code …/namespaces/NAME/pods}, but not {@code …/pods/NAME}. */
    private static boolean isCollection(String path) {
        String plain = withoutNamespace(path);
        long depth = plain.chars().filter(c -> c == '/').count();
        return depth == (plain.startsWith("/apis/") ? 4 : 3);
    }

    private static String withoutNamespace(String path) {
        return path.replaceAll("/namespaces/[^/]+/", "/");
    }

    private ObjectNode list(String path) {
        ObjectNode list = mapper.createObjectNode();
        list.put("kind", "List").put("apiVersion", "v1");
        list.putObject("metadata").put("resourceVersion", Long.toString(versions.get()));
        ArrayNode items = list.putArray("items");
        String prefix = withoutNamespace(path) + "/";
        objects.forEach((key, object) -> {
            if (withoutNamespace(key).startsWith(prefix)) {
                items.add(object);
            }
        });
        return list;
    }

    private static boolean isOutdated(JsonNode sent, JsonNode before) {
        JsonNode expected = sent.at(VERSION);
        return expected.isTextual() && !expected.equals(before.at(VERSION));
    }

    private ObjectNode status(String reason, int code) {
        return mapper.createObjectNode()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("reason", reason)
                .put("code", code);
    }

    private JsonNode versioned(JsonNode object) {
        ObjectNode copy = object.deepCopy();
        ObjectNode metadata = copy.withObject("/metadata");
        metadata.put("resourceVersion", Long.toString(versions.incrementAndGet()));
        if (!metadata.has("uid")) {
            metadata.put("uid", Long.toString(versions.get()));
        }
        return copy;
    }

    private void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
        byte[] bytes = mapper.writeValueAsBytes(body);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
