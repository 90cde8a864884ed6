package dev.primacy.operator.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.SystemId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MemberWatchTest {
    private static final Probe SILENT = new Probe.Unreachable("connection refused", true);

    /** Looked at for the first time, in vain. */
    private static final Seen FIRST =
            new Seen(SILENT, Look.first(at(0), at(0)), null, at(0), null, null, null, null, null, null, null);

    @Test
    @DisplayName("a member that was as it is for an hour and restarts in place is looked at ten times a second")
    void restartsInPlace() {
        Seen steady = FIRST.then(standby(), at(1), at(1)).then(standby(), at(3600), at(3600));
        assertThat(MemberWatch.period(steady, Pace.STEADY, at(3600))).isEqualTo(MemberWatch.PERIOD);

        Seen restarting = steady.then(SILENT, at(3601), at(3601));
        assertThat(MemberWatch.period(restarting, Pace.STEADY, at(3601))).isEqualTo(MemberWatch.COMING_UP);
        assertThat(MemberWatch.period(restarting, Pace.ATTENTIVE, at(3659))).isEqualTo(MemberWatch.COMING_UP);
    }

    @Test
    @DisplayName("a member that has been down for more than a minute is looked at once a second")
    void downForLong() {
        Seen down = FIRST.then(standby(), at(3600), at(3600)).then(SILENT, at(3601), at(3601));
        assertThat(MemberWatch.period(down, Pace.ATTENTIVE, at(3660))).isEqualTo(MemberWatch.PERIOD);
    }

    @Test
    @DisplayName("a member that never answered is looked at ten times a second in its first minute")
    void neverAnswered() {
        assertThat(MemberWatch.period(FIRST, Pace.STEADY, at(59))).isEqualTo(MemberWatch.COMING_UP);
        assertThat(MemberWatch.period(FIRST, Pace.STEADY, at(60))).isEqualTo(MemberWatch.PERIOD);
    }

    private static Duration at(int second) {
        return Duration.ofSeconds(second);
    }

    private static Probe.Standby standby() {
        return new Probe.Standby(
                new Probe.Identity("orders-1", new SystemId("7"), 170000, null),
                new Position(1, new Lsn(100)),
                null,
                new Probe.Configuration("c", "t", List.of(), List.of(), "", "", ""),
                1,
                null,
                new Lsn(100),
                true,
                List.of());
    }
}
