package dev.primacy.operator.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.TimelineHistory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The kept session of the once-a-second look. Every statement on it begins with the grant, if one is given, since the script
 * reads the grant from the text that {@code pg_stat_activity} shows last. The statements are prepared on the server, so that
 * a look costs no planning although its text changes every second.
 */
final class ProbeSession implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** How often to read what changes seldom, if no reload of the configuration hints at it earlier. */
    private static final Duration SELDOM = Duration.ofSeconds(10);
    /**
     * A leadership check is up to some seconds older than the newest answers, and there are many of those a second when it matters. So
     * answers are remembered this far apart, and together for as long as a grant from one of them would be worth anything.
     */
    private static final Duration APART = Duration.ofMillis(250);

    private static final int REMEMBERED = 26;

    private final SqlSession session;
    private final Connector connector;
    private final Probe.Identity identity;
    private final Supplier<Duration> clock;
    /** The member's own times, newest first: what it said, and when that arrived here. */
    private final Deque<Heard> heard = new ArrayDeque<>();

    private @Nullable TimelineHistory history;
    private String nowText = "";
    private JsonNode now = JSON.createObjectNode();
    private JsonNode settled = JSON.createObjectNode();
    private String settledAtLoad = "";
    private @Nullable Duration settledAt;

    private @Nullable Read read;

    private record Heard(String uptime, Duration received) {}

    private record Read(Sight sight, Probe.Answered probe) {}

    /** @param connector which opened it */
    ProbeSession(SqlSession session, Connector connector, String member, Supplier<Duration> clock) throws SQLException {
        this.session = session;
        this.connector = connector;
        this.identity = new Probe.Identity(member, session.systemId(), session.serverVersion(), session.container());
        this.clock = clock;
        session.run(ProbeStatements.prepare(session.serverVersion()));
    }

    /**
     * Everything that is read in one look; what is as it was the last time is the same object.
     *
     * @param silentMillis since the walreceiver last heard from the server that it follows; empty without one
     * @param writeFailure and roles: what {@link WriteCheck} found out meanwhile
     */
    record Sight(
            JsonNode now,
            String silentMillis,
            JsonNode settled,
            @Nullable TimelineHistory history,
            @Nullable String writeFailure,
            String roles) {}

    SqlSession sql() {
        return session;
    }

    boolean isBy(Connector wanted) {
        return connector.equals(wanted);
    }

    /**
     * What was heard by another session that stood when this one was opened, so by the same start of the server: without it nothing can be
     * granted until the leadership is confirmed again.
     */
    void inherit(ProbeSession before) {
        heard.addAll(before.heard);
    }

    /** Most looks at a member to which nothing happens show the same as the last, and are not read again. */
    Probe.Answered look(Grants grants, Duration within, WriteCheck writes) throws SQLException {
        Sight sight = see(grants, within, writes);
        Read before = read;
        if (before != null && before.sight().equals(sight)) {
            return before.probe();
        }
        Probe.Answered probe = ProbeReader.read(sight, identity);
        read = new Read(sight, probe);
        return probe;
    }

    private Sight see(Grants grants, Duration within, WriteCheck writes) throws SQLException {
        session.within(within);
        String comment = comment(grants);
        List<String> row = session.row(comment + "EXECUTE primacy_probe");
        remember(new Heard(row.get(0), clock.get()));
        if (!row.get(2).equals(nowText)) {
            now = json(row.get(2));
            nowText = row.get(2);
        }
        readHistory(comment, now.path("timeline").asInt());
        readSettled(comment, now.path("loaded").asText());
        return new Sight(now, row.get(1), settled, history, writes.failure(), writes.roles());
    }

    private void remember(Heard newest) {
        Heard last = heard.pollFirst();
        Heard before = heard.peekFirst();
        if (last != null
                && (before == null || last.received().minus(before.received()).compareTo(APART) >= 0)) {
            heard.addFirst(last);
        }
        heard.addFirst(newest);
        if (heard.size() > REMEMBERED) {
            heard.removeLast();
        }
    }

    private String comment(Grants grants) {
        for (Heard time : heard) {
            OptionalLong epoch = grants.permit(time.received());
            if (epoch.isPresent()) {
                return "/* grant " + epoch.getAsLong() + " " + time.uptime() + " */ ";
            }
        }
        return "/* probe */ ";
    }

    /** A timeline's history does not change, so it is read once. */
    private void readHistory(String comment, int timeline) throws SQLException {
        if (history != null && history.timeline() == timeline) {
            return;
        }
        if (timeline <= 1) {
            history = new TimelineHistory(timeline, List.of());
            return;
        }
        String file = String.format(Locale.ROOT, "pg_wal/%08X.history", timeline);
        String text = session.text(comment + "SELECT " + ProbeStatements.file(Quoting.literal(file)));
        history = text.isEmpty() ? null : TimelineHistory.parse(timeline, text);
    }

    private void readSettled(String comment, String loaded) throws SQLException {
        Duration asked = clock.get();
        boolean fresh = settledAt != null
                && settledAtLoad.equals(loaded)
                && asked.minus(settledAt).compareTo(SELDOM) < 0;
        if (fresh) {
            return;
        }
        session.run(comment + Reloading.NOTE_PENDING);
        settled = json(session.text(comment + "EXECUTE primacy_settled"));
        settledAtLoad = loaded;
        settledAt = asked;
    }

    private static JsonNode json(String text) throws SQLException {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new SQLException("the probe's answer cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
