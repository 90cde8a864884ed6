package dev.primacy.operator.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Lsn;
import dev.primacy.operator.model.Position;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.SystemId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SeenTest {
    private static final Seen FIRST = new Seen(
            standby(100, null),
            Look.first(at(1), at(1)),
            standby(100, null),
            at(1),
            null,
            null,
            null,
            null,
            null,
            null,
            null);

    @Test
    void aPositionThatMovesIsNoNewState() {
        Seen next = FIRST.then(standby(200, null), at(2), at(2).plusMillis(5));

        assertThat(next.since()).isEqualTo(at(1));
        assertThat(next.begun()).isEqualTo(at(2));
        assertThat(next.lastPosition()).isEqualTo(new Position(1, new Lsn(200)));
    }

    @Test
    void refusalsCountFromTheFirstOneOnAndSilenceIsNone() {
        Probe refused = new Probe.Unreachable("connection refused", true);
        Probe silent = new Probe.Unreachable("no answer in time");

        Seen seen = FIRST.then(refused, at(2), at(3)).then(silent, at(4), at(5)).then(refused, at(6), at(7));

        assertThat(seen.refusedSince()).isEqualTo(at(3));
        assertThat(seen.since()).as("of its last answer").isEqualTo(at(1));
        assertThat(seen.then(new Probe.Starting("the database system is starting up"), at(8), at(9))
                        .refusedSince())
                .isNull();
    }

    @Test
    void whatWasWhileNobodyLookedIsNotKnown() {
        Seen steady = FIRST.then(standby(100, null), at(2), at(2).plusMillis(5))
                .then(new Probe.Unreachable("no answer in time"), at(3), at(7))
                .then(standby(100, null), at(10), at(10).plusMillis(5));
        assertThat(steady.watchedSince()).isEqualTo(at(1));

        Seen rested = steady.then(standby(100, null), at(50), at(50).plusMillis(5));
        assertThat(rested.watchedSince()).isEqualTo(at(50).plusMillis(5));
        assertThat(rested.since()).as("a vote stays given").isEqualTo(at(1));

        Seen stoppedInALook = rested.then(new Probe.Unreachable("no answer in time"), at(51), at(100));
        assertThat(stoppedInALook.watchedSince()).isEqualTo(at(100));
    }

    @Test
    void aReceiverThatIsGoneIsANewState() {
        Probe.Receiver receiver = new Probe.Receiver("streaming", "a", new Lsn(5), Duration.ofMillis(3));
        Seen streaming = FIRST.then(standby(100, receiver), at(2), at(2).plusMillis(5));

        Seen later = streaming.then(
                standby(150, new Probe.Receiver("streaming", "a", new Lsn(55), Duration.ofMillis(900))),
                at(3),
                at(3).plusMillis(5));
        Seen gone = later.then(standby(150, null), at(4), at(4).plusMillis(5));

        assertThat(later.since()).isEqualTo(at(2).plusMillis(5));
        assertThat(gone.since()).isEqualTo(at(4).plusMillis(5));
    }

    @Test
    void silenceKeepsWhatWasLastHeard() {
        Seen heard = FIRST.then(standby(300, null), at(2), at(2).plusMillis(5));

        Seen silent = heard.then(new Probe.Unreachable("no answer in time"), at(3), at(3).plusMillis(5))
                .then(new Probe.Unreachable("no answer in time"), at(4), at(4).plusMillis(5));

        assertThat(silent.lastAnswered()).isEqualTo(at(2));
        assertThat(silent.lastPosition()).isEqualTo(new Position(1, new Lsn(300)));
    }

    @Test
    void howLongItLetsNobodyInCountsFromTheFirstRefusalUnlessItWasAway() {
        Probe starting = new Probe.Starting("the database system is not yet accepting connections");
        Seen first = FIRST.then(starting, at(2), at(2).plusMillis(5));
        Seen still = first.then(new Probe.Unreachable("no answer in time"), at(3), at(3).plusMillis(5))
                .then(starting, at(4), at(4).plusMillis(5));
        Seen again = still.then(new Probe.Unreachable("connection refused", true), at(5), at(5).plusMillis(5))
                .then(starting, at(6), at(6).plusMillis(5));

        assertThat(FIRST.startingSince()).isNull();
        assertThat(still.startingSince()).isEqualTo(at(2).plusMillis(5));
        assertThat(again.startingSince()).isEqualTo(at(6).plusMillis(5));
    }

    @Test
    void silenceIsNoOtherStateSoThatAVotesWaitGoesOn() {
        Seen silent = FIRST.then(new Probe.Unreachable("no answer in time"), at(2), at(2).plusMillis(5));
        Seen heard = silent.then(standby(100, null), at(3), at(3).plusMillis(5));

        assertThat(silent.since()).isEqualTo(at(1));
        assertThat(heard.since()).isEqualTo(at(1));
    }

    private static Duration at(int second) {
        return Duration.ofSeconds(second);
    }

    private static Probe.Standby standby(long lsn, Probe.@Nullable Receiver receiver) {
        return new Probe.Standby(
                new Probe.Identity("orders-1", new SystemId("7"), 170000, null),
                new Position(1, new Lsn(lsn)),
                null,
                new Probe.Configuration("c", "t", List.of(), List.of(), "", "", ""),
                1,
                receiver,
                new Lsn(lsn),
                true,
                List.of());
    }
}
