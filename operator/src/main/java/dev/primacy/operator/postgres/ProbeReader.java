package dev.primacy.operator.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.TimelineHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns what a look brought back into the records of the model. */
final class ProbeReader {
    private ProbeReader() {}

    static Probe.Answered read(ProbeSession.Sight sight, Probe.Identity identity) {
        JsonNode now = sight.now();
        Position position = new Position(now.path("timeline").asInt(), end(now));
        Probe.Configuration configuration = configuration(now, sight.settled());
        long epoch = now.path("epoch").asLong();
        List<Probe.Slot> slots = list(
                now.path("slots"),
                slot -> new Probe.Slot(
                        slot.path("name").asText(),
                        slot.path("active").asBoolean(),
                        slot.path("wal").asText(),
                        slot.path("kept").isTextual()
                                ? Lsn.parse(slot.path("kept").asText())
                                : null));
        if (now.path("recovery").asBoolean()) {
            return new Probe.Standby(
                    identity,
                    position,
                    sight.history(),
                    configuration,
                    epoch,
                    receiver(now.path("receiver"), sight.silentMillis()),
                    lsn(now.path("replayed")),
                    now.path("atEnd").asBoolean() && !endsBefore(sight.history(), position),
                    slots);
        }
        return new Probe.Primary(
                identity,
                position,
                sight.history(),
                configuration,
                epoch,
                sight.writeFailure(),
                sight.roles(),
                now.path("solo").asBoolean(),
                words(now.path("promotable").asText()),
                list(now.path("followers"), ProbeReader::follower),
                slots,
                list(
                        now.path("copies"),
                        copy -> new Probe.Copy(
                                copy.path("member").asText(),
                                copy.path("kind").asText(),
                                copy.path("streamed").asLong(),
                                copy.path("total").asLong())));
    }

    /**
     * Where the log ends. Of what a walreceiver received before it went, the last record may be cut short: walsenders send whole pages, and
     * where the primary crashed then, its own log ends before that record (PostgreSQL 15 to 18). Once all is replayed, that is the end.
     */
    private static Lsn end(JsonNode now) {
        boolean allIsReplayed =
                now.path("atEnd").asBoolean() && !now.path("receiver").isObject();
        return lsn(now.path(allIsReplayed ? "replayed" : "lsn"));
    }

    /**
     * A walreceiver streams a timeline from the beginning of the segment in which that left the one before. Half of that segment, read in
     * the place of the old one, is not all that the member had (PostgreSQL 15 to 18); its script mends that when it starts it.
     */
    private static boolean endsBefore(@Nullable TimelineHistory history, Position position) {
        return history != null
                && history.timeline() == position.timeline()
                && !history.forks().isEmpty()
                && position.lsn().compareTo(history.forks().getLast().end()) < 0;
    }

    /** PostgreSQL also marks what runs higher than the files ask for; no ordinary restart changes that. */
    private static Probe.Configuration configuration(JsonNode now, JsonNode settled) {
        List<String> lowered = list(settled.path("lowered"), JsonNode::asText);
        List<String> pending = list(settled.path("pending"), JsonNode::asText);
        pending.removeAll(lowered);
        return new Probe.Configuration(
                settled.path("rejected").asBoolean() ? "" : now.path("config").asText(""),
                text(settled.path("certificate")),
                pending,
                lowered,
                now.path("conninfo").asText(),
                now.path("slot").asText(),
                now.path("synchronous").asText());
    }

    private static Probe.Follower follower(JsonNode row) {
        return new Probe.Follower(
                row.path("member").asText(),
                row.path("state").asText(),
                row.path("sync").asText(),
                lsn(row.path("sent")),
                lsn(row.path("flushed")),
                lsn(row.path("replayed")));
    }

    private static Probe.@Nullable Receiver receiver(JsonNode row, String silentMillis) {
        return row.isObject()
                ? new Probe.Receiver(
                        row.path("status").asText(),
                        text(row.path("host")),
                        lsn(row.path("received")),
                        Duration.ofMillis(silentMillis.isEmpty() ? 0 : Long.parseLong(silentMillis)))
                : null;
    }

    /** NULL stands for "none yet", which is the beginning of the log. */
    private static Lsn lsn(JsonNode value) {
        return value.isTextual() ? Lsn.parse(value.asText()) : Lsn.ZERO;
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.asText() : "";
    }

    private static List<String> words(String commaSeparated) {
        return commaSeparated.isEmpty() ? List.of() : List.of(commaSeparated.split(","));
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> element) {
        List<T> found = new ArrayList<>();
        array.forEach(node -> found.add(element.apply(node)));
        return found;
    }
}
