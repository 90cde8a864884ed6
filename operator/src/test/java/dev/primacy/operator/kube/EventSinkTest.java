package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Event;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventSinkTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Event REFUSED = Event.warning("SwitchoverRefused", "there is no member 'orders-9'");

    private StubApi api;
    private EventSink events;

    @BeforeEach
    void start() throws IOException {
        api = new StubApi();
        events = new EventSink(api.client(), "operator-1");
    }

    @AfterEach
    void stop() {
        events.close();
        api.close();
    }

    @Test
    @DisplayName("what holds for a while is said once in ten minutes, of each cluster")
    void said() {
        events.say(cluster("a"), REFUSED, NOW);
        events.say(cluster("a"), REFUSED, NOW.plusSeconds(1));
        events.say(cluster("a"), REFUSED, NOW.plusSeconds(599));
        events.say(cluster("b"), REFUSED, NOW.plusSeconds(1));
        events.say(cluster("a"), REFUSED, NOW.plusSeconds(600));
        assertThat(written()).hasSize(3);
    }

    @Test
    @DisplayName("what happens again is told again, and not said once more")
    void told() {
        events.tell(cluster("a"), REFUSED, NOW);
        events.tell(cluster("a"), REFUSED, NOW.plusSeconds(1));
        events.tell(cluster("a"), REFUSED, NOW.plusSeconds(2));
        events.say(cluster("a"), REFUSED, NOW.plusSeconds(601));
        assertThat(written())
                .hasSize(3)
                .allSatisfy(event -> assertThat(event).contains("SwitchoverRefused", "there is no member 'orders-9'"));
    }

    /** 1024 bytes, of which the API server counts every one: a message in Cyrillic has two a character, an emoji four. */
    @ParameterizedTest
    @ValueSource(strings = {"x", "ж", "…", "🐘"})
    @DisplayName(
            "a message too long for the API server is cut after a whole character, and no shorter than it has to be")
    void cut(String character) {
        String longest = character.repeat(1024 / character.getBytes(StandardCharsets.UTF_8).length);
        events.tell(cluster("a"), Event.warning("Fits", longest), NOW);
        events.tell(cluster("a"), Event.warning("TooLong", longest + "xx"), NOW);
        events.tell(cluster("a"), Event.warning("OutOfStep", "x" + longest), NOW);

        written();
        List<String> notes = api.requests().stream()
                .map(it -> it.body().path("note").asText())
                .toList();
        assertThat(notes)
                .hasSize(3)
                .allSatisfy(note ->
                        assertThat(note.getBytes(StandardCharsets.UTF_8).length).isBetween(1024 - 4 - 3, 1024));
        assertThat(notes.get(0)).isEqualTo(longest);
        assertThat(notes.get(1)).matches("(" + character + ")+…");
        assertThat(notes.get(2)).matches("x(" + character + ")+…");
    }

    /** They are written beside the passes; closing waits for them, though not for long. */
    private List<String> written() {
        await().until(() -> api.writes().size() >= 3);
        events.close();
        return api.requests().stream().map(it -> it.body().toString()).toList();
    }

    private static PostgresCluster cluster(String uid) {
        PostgresCluster cluster = new PostgresCluster();
        cluster.setMetadata(new ObjectMetaBuilder()
                .withNamespace("shop")
                .withName("orders")
                .withUid(uid)
                .build());
        return cluster;
    }
}
