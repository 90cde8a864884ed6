package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Action;
import dev.primacy.operator.decide.Event;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.postgres.Outcome;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The keys by which docs/operations.md has people search the log, in what the configured appender would print. */
class LogLinesTest {
    private static final Logger ROOT = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private static final Names NAMES = new Names("shop", "orders");

    private final Lines lines = new Lines();

    /** Encodes at once, as the appender itself does: later the thread is about somebody else. */
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final List<String> printed = new CopyOnWriteArrayList<>();
        private final Encoder<ILoggingEvent> encoder =
                ((OutputStreamAppender<ILoggingEvent>) ROOT.getAppender("OUT")).getEncoder();

        @Override
        protected void append(ILoggingEvent event) {
            printed.add(new String(encoder.encode(event), StandardCharsets.UTF_8));
        }
    }

    @BeforeEach
    void listen() {
        lines.setContext(ROOT.getLoggerContext());
        lines.start();
        ROOT.addAppender(lines);
        LogKeys.about(NAMES);
    }

    @AfterEach
    void stop() {
        LogKeys.aboutNobody();
        ROOT.detachAppender(lines);
    }

    @Test
    @DisplayName("an action's line names the namespace, the cluster and the member")
    void action() throws JsonProcessingException {
        new Executor(action -> Outcome.DONE).run(List.of(new Action.Vote("orders-2", "")));
        JsonNode line = only();
        assertThat(line.at("/mdc/namespace").asText()).isEqualTo("shop");
        assertThat(line.at("/mdc/cluster").asText()).isEqualTo("orders");
        assertThat(line.at("/mdc/member").asText()).isEqualTo("orders-2");
        assertThat(line.at("/formattedMessage").asText()).contains("Vote");
        assertThat(line.at("/timestamp").isIntegralNumber()).isTrue();
        assertThat(line.at("/level").asText()).isEqualTo("INFO");
    }

    @Test
    @DisplayName("actions on several members at once are logged under the names of each")
    void actions() {
        new Executor(action -> Outcome.DONE)
                .run(List.of(new Action.Vote("orders-2", ""), new Action.Vote("orders-3", "")));
        assertThat(lines.printed)
                .hasSize(2)
                .allMatch(line -> line.contains("\"namespace\":\"shop\"") && line.contains("\"cluster\":\"orders\""))
                .anyMatch(line -> line.contains("\"member\":\"orders-2\""))
                .anyMatch(line -> line.contains("\"member\":\"orders-3\""));
    }

    @Test
    @DisplayName("an event's line has its reason, and no member is left over from an action before")
    void event() throws JsonProcessingException {
        new Executor(action -> Outcome.DONE).run(List.of(new Action.Vote("orders-2", "")));
        lines.printed.clear();
        PostgresCluster cluster = new PostgresCluster();
        cluster.setMetadata(new ObjectMetaBuilder()
                .withNamespace("shop")
                .withName("orders")
                .withUid("1")
                .build());
        try (KubernetesClient nobody = unreachable();
                EventSink events = new EventSink(nobody, "primacy-0")) {
            events.say(cluster, Event.warning("RebuildRefused", "it says \"why\"\nin two lines"), Instant.EPOCH);
        }
        JsonNode line = only();
        assertThat(line.at("/mdc/cluster").asText()).isEqualTo("orders");
        assertThat(line.at("/mdc/member").isMissingNode()).isTrue();
        assertThat(line.at("/kvpList/0/reason").asText()).isEqualTo("RebuildRefused");
        assertThat(line.at("/formattedMessage").asText()).isEqualTo("it says \"why\"\nin two lines");
    }

    /** Nobody listens there: an event is a courtesy, and its line in the log must not depend on it. */
    private static KubernetesClient unreachable() {
        return Kubernetes.client(
                Kubernetes.mapper(),
                new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:1")
                        .withRequestRetryBackoffLimit(0)
                        .build());
    }

    private JsonNode only() throws JsonProcessingException {
        assertThat(lines.printed)
                .singleElement()
                .asString()
                .endsWith("\n")
                .satisfies(line -> assertThat(line.strip()).as("one line").doesNotContain("\n"));
        return new ObjectMapper().readTree(lines.printed.getFirst());
    }
}
