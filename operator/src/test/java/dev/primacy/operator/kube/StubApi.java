package dev.primacy.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * As much of an API server as the operator's client meets in one request: it keeps objects, compares resourceVersions and uids as the
 * real one does, remembers what it was asked, and fails where a test says so. A watch of one object by its name begins with what is
 * there, and tells nothing afterwards. The client is made as the operator makes its own.
 */
public final class StubApi implements AutoCloseable {
    private static final String APPLY = "application/apply-patch+yaml";
    private static final String BY_NAME = "fieldSelector=metadata.name=";

    private final ObjectMapper mapper = Kubernetes.mapper();
    private final Map<String, ObjectNode> held = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Failing> failing = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private final KubernetesClient client;
    private long version = 100;

    /** @param path without the query */
    public record Request(String method, String path, String type, JsonNode body) {
        /** The method, and the kind and name that it is about. */
        public String line() {
            return method + path.replaceFirst("^/apis?/.*?/namespaces/[^/]+/", " ");
        }
    }

    /**
     * What is answered in place of an answer.
     *
     * @param cause why, by reason and message as in {@code status.details.causes}; empty without one
     */
    public record Failure(
            int code,
            String message,
            List<String> cause,
            @Nullable String retryAfter) {
        public static Failure of(int code, String message) {
            return new Failure(code, message, List.of(), null);
        }
    }

    private record Failing(Predicate<Request> which, Failure failure, AtomicInteger left) {}

    public StubApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
        client = Kubernetes.client(
                mapper,
                new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://localhost:" + server.getAddress().getPort())
                        .build());
    }

    public KubernetesClient client() {
        return client;
    }

    /** What it was asked, failures included. */
    public List<Request> requests() {
        return requests;
    }

    /** The lines of what changes something. */
    public List<String> writes() {
        return requests.stream()
                .filter(it -> !it.method().equals("GET"))
                .map(Request::line)
                .toList();
    }

    public void forgetRequests() {
        requests.clear();
    }

    public void holds(HasMetadata item) {
        held.put(path(item), mapper.valueToTree(item));
    }

    /** As it is there now. */
    public Optional<JsonNode> held(HasMetadata like) {
        return Optional.ofNullable(held.get(path(like)));
    }

    /** The next so many requests whose line begins so fail. */
    public void fail(String line, int times, Failure failure) {
        failing.add(new Failing(it -> it.line().startsWith(line), failure, new AtomicInteger(times)));
    }

    private static String path(HasMetadata item) {
        String version = item.getApiVersion();
        return (version.contains("/") ? "/apis/" : "/api/") + version + "/namespaces/"
                + item.getMetadata().getNamespace() + "/" + item.getPlural() + "/"
                + item.getMetadata().getName();
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        JsonNode body = mapper.readTree(exchange.getRequestBody());
        String type = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type"))
                .orElse("");
        Request request = new Request(
                exchange.getRequestMethod(), exchange.getRequestURI().getPath(), type, body);
        requests.add(request);
        for (Failing it : failing) {
            if (it.which.test(request) && it.left.getAndDecrement() > 0) {
                if (it.failure.retryAfter() != null) {
                    exchange.getResponseHeaders().add("Retry-After", it.failure.retryAfter());
                }
                send(exchange, it.failure.code(), status(it.failure));
                return;
            }
        }
        String path = request.path().replaceFirst("/status$", "");
        switch (request.method()) {
            case "GET" -> get(exchange, path);
            case "POST" -> send(exchange, 201, body);
            case "PUT" -> put(exchange, path, (ObjectNode) body);
            case "PATCH" -> patch(exchange, path, request);
            case "DELETE" -> delete(exchange, path, body);
            default -> send(exchange, 405, status(Failure.of(405, request.method())));
        }
    }

    private void get(HttpExchange exchange, String path) throws IOException {
        String query = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
        if (query.contains("watch=true")) {
            watch(exchange);
        } else if (query.contains(BY_NAME)) {
            list(
                    exchange,
                    held.get(path + "/" + query.replaceFirst(".*" + BY_NAME, "").replaceFirst("&.*", "")));
        } else {
            found(exchange, held.get(path));
        }
    }

    /** A web socket it has none of, upon which the client asks for a stream; there nothing ever happens. */
    private static void watch(HttpExchange exchange) throws IOException {
        if (exchange.getRequestHeaders().containsKey("Upgrade")) {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        } else {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush();
        }
    }

    private void list(HttpExchange exchange, @Nullable ObjectNode item) throws IOException {
        ObjectNode list = mapper.createObjectNode();
        list.putObject("metadata").put("resourceVersion", Long.toString(version));
        ArrayNode items = list.putArray("items");
        if (item != null) {
            items.add(item);
        }
        send(exchange, 200, list);
    }

    private void found(HttpExchange exchange, @Nullable ObjectNode item) throws IOException {
        if (item == null) {
            send(exchange, 404, status(Failure.of(404, "not found")));
        } else {
            send(exchange, 200, item);
        }
    }

    private void put(HttpExchange exchange, String path, ObjectNode item) throws IOException {
        ObjectNode there = held.get(path);
        if (there != null && isAnother(there, item.path("metadata"))) {
            send(exchange, 409, status(Failure.of(409, "the object has been modified")));
        } else if (there == null) {
            found(exchange, null);
        } else {
            found(exchange, keep(path, item));
        }
    }

    /** Of patches that are no apply, the answer alone matters to the operator: it is the object as it was, in a new version. */
    private void patch(HttpExchange exchange, String path, Request request) throws IOException {
        ObjectNode there = held.get(path);
        if (request.type().startsWith(APPLY)) {
            found(exchange, keep(path, (ObjectNode) request.body()));
        } else if (there != null && isAnother(there, request.body().path("metadata"))) {
            send(exchange, 409, status(Failure.of(409, "the UID in the precondition does not match")));
        } else {
            found(exchange, there == null ? null : keep(path, there));
        }
    }

    private void delete(HttpExchange exchange, String path, JsonNode options) throws IOException {
        ObjectNode there = held.get(path);
        if (there != null && isAnother(there, options.path("preconditions"))) {
            send(exchange, 409, status(Failure.of(409, "the precondition does not match")));
        } else {
            found(exchange, held.remove(path));
        }
    }

    private static boolean isAnother(ObjectNode there, JsonNode wanted) {
        JsonNode metadata = there.path("metadata");
        return List.of("uid", "resourceVersion").stream()
                .anyMatch(it -> wanted.hasNonNull(it) && !wanted.path(it).equals(metadata.path(it)));
    }

    private ObjectNode keep(String path, ObjectNode item) {
        ObjectNode kept = item.deepCopy();
        ObjectNode metadata = kept.withObject("metadata");
        metadata.put("resourceVersion", Long.toString(++version));
        if (!metadata.hasNonNull("uid")) {
            metadata.put("uid", "uid-" + version);
        }
        held.put(path, kept);
        return kept;
    }

    private ObjectNode status(Failure failure) {
        ObjectNode status = mapper.createObjectNode()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("message", failure.message())
                .put("code", failure.code());
        if (!failure.cause().isEmpty()) {
            status.putObject("details")
                    .putArray("causes")
                    .addObject()
                    .put("reason", failure.cause().getFirst())
                    .put("message", failure.cause().getLast());
        }
        return status;
    }

    private void send(HttpExchange exchange, int code, JsonNode body) throws IOException {
        byte[] text = body.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, text.length);
        exchange.getResponseBody().write(text);
        exchange.close();
    }

    @Override
    public void close() {
        client.close();
        server.stop(0);
    }
}
