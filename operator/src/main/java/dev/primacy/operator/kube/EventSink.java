package dev.primacy.operator.kube;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Event;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people, through events on the resource and the log, what happened. What holds for a while is said once in ten minutes, in the
 * same words about the same cluster: level-triggered passes would repeat it every second.
 */
public final class EventSink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventSink.class);
    private static final Duration SAY_AGAIN_AFTER = Duration.ofMinutes(10);
    private static final int REMEMBERED = 2_000;
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    /** The API server refuses longer notes (events.k8s.io/v1); it counts bytes, and names may be in any script. */
    private static final int LONGEST_NOTE = 1_024;

    private static final String CUT = "…";

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final String instance;

    /** Clients wait for what is done, not for what is told: events are written in their order, beside the passes. */
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("primacy-events").factory());

    private final Map<String, Instant> said = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param instance the operator process that reports */
    public EventSink(KubernetesClient client, String instance) {
        this.client = client;
        this.instance = instance;
    }

    /** What is the case, and may be for a while. */
    public void say(PostgresCluster about, Event event, Instant now) {
        if (isNews(about, event, now)) {
            publish(about, event, now);
        }
    }

    /** What has just happened, once: whoever does the same twice is told twice. */
    public void tell(PostgresCluster about, Event event, Instant now) {
        remember(about, event, now);
        publish(about, event, now);
    }

    private void publish(PostgresCluster about, Event event, Instant now) {
        switch (event.type()) {
            case Normal ->
                LOG.atInfo().addKeyValue(LogKeys.REASON, event.reason()).log(event.message());
            case Warning ->
                LOG.atWarn().addKeyValue(LogKeys.REASON, event.reason()).log(event.message());
        }
        writer.execute(() -> write(about, event, now));
    }

    private void write(PostgresCluster about, Event event, Instant now) {
        String name = about.getMetadata().getName() + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong());
        try {
            client.resource(new EventBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withNamespace(about.getMetadata().getNamespace())
                            .endMetadata()
                            .withEventTime(new MicroTime(MICROS.format(now)))
                            .withType(event.type().name())
                            .withReason(event.reason())
                            .withAction(event.reason())
                            .withNote(note(event.message()))
                            .withReportingController("primacy.dev/operator")
                            .withReportingInstance(instance)
                            .withRegarding(new ObjectReferenceBuilder()
                                    .withApiVersion(about.getApiVersion())
                                    .withKind(about.getKind())
                                    .withNamespace(about.getMetadata().getNamespace())
                                    .withName(about.getMetadata().getName())
                                    .withUid(about.getMetadata().getUid())
                                    .withResourceVersion(about.getMetadata().getResourceVersion())
                                    .build())
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            // An event is a courtesy: the log has it, and no pass may fail for it.
            LOG.debug("Cannot write the event {}: {}", event.reason(), Failures.words(e));
        }
    }

    private static String note(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= LONGEST_NOTE) {
            return message;
        }
        int end = LONGEST_NOTE - CUT.getBytes(StandardCharsets.UTF_8).length;
        while (isWithinCharacter(bytes[end])) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8) + CUT;
    }

    /** UTF-8's bytes after a character's first are 10xxxxxx. */
    private static boolean isWithinCharacter(byte one) {
        return (one & 0xC0) == 0x80;
    }

    /** What was said already is still written, within a moment. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(LAST_WORDS.toSeconds(), TimeUnit.SECONDS)) {
                LOG.debug("Not all events were written");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isNews(PostgresCluster about, Event event, Instant now) {
        Instant last = said.get(words(about, event));
        if (last != null && last.plus(SAY_AGAIN_AFTER).isAfter(now)) {
            return false;
        }
        remember(about, event, now);
        return true;
    }

    private synchronized void remember(PostgresCluster about, Event event, Instant now) {
        said.put(words(about, event), now);
    }

    private static String words(PostgresCluster about, Event event) {
        return about.getMetadata().getUid() + "\n" + event.reason() + "\n" + event.message();
    }
}
