package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.SystemId;
import dev.primacy.operator.model.TimelineHistory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ProbeReaderTest {
    private static final String RECEIVER = ", \"receiver\": {\"status\": \"streaming\"}";

    private final ObjectMapper mapper = new ObjectMapper();

    @Test
    @DisplayName("a record that was cut short when the primary went is no part of the log")
    void cutShort() throws JsonProcessingException {
        assertThat(end(true, "")).isEqualTo(Lsn.parse("0/3000100"));
    }

    @Test
    @DisplayName("what has been received counts while it may still be replayed, or continued")
    void received() throws JsonProcessingException {
        assertThat(end(false, "")).isEqualTo(Lsn.parse("0/3002000"));
        assertThat(end(true, RECEIVER)).isEqualTo(Lsn.parse("0/3002000"));
    }

    @Test
    @DisplayName("who ends before the fork of its own timeline is not at its end")
    void halfASegment() throws JsonProcessingException {
        TimelineHistory history = TimelineHistory.parse(2, "1\t0/3000200\tno recovery target specified");
        assertThat(((Probe.Standby) read(true, "", history)).atEnd()).isFalse();
        history = TimelineHistory.parse(2, "1\t0/3000100\tno recovery target specified");
        assertThat(((Probe.Standby) read(true, "", history)).atEnd()).isTrue();
    }

    private Lsn end(boolean atEnd, String receiver) throws JsonProcessingException {
        return read(atEnd, receiver, null).position().lsn();
    }

    private Probe.Answered read(boolean atEnd, String receiver, @Nullable TimelineHistory history)
            throws JsonProcessingException {
        String now =
                "{\"recovery\": true, \"timeline\": 2, \"lsn\": \"0/3002000\", \"replayed\": \"0/3000100\", \"atEnd\": "
                        + atEnd + receiver + "}";
        ProbeSession.Sight sight =
                new ProbeSession.Sight(mapper.readTree(now), "10", mapper.createObjectNode(), history, null, "");
        return ProbeReader.read(sight, new Probe.Identity("orders-2", new SystemId("7001"), 170000, null));
    }
}
