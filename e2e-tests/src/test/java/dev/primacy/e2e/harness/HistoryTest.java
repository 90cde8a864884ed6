package dev.primacy.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The judge of the fault tests has to see what they look for. */
class HistoryTest {
    private final List<Write> writes = new ArrayList<>();

    @Test
    void onePrimaryAfterTheOtherDoesNotOverlap() {
        write("a", 1, 0, 1);
        write("a", 1, 2, 6);
        write("b", 2, 5, 7);
        assertThat(new History(writes).overlap(0))
                .as("6 could have been taken before 5")
                .isZero();
    }

    @Test
    void aWriteBegunAfterTheOtherHasAnsweredIsAnOverlap() {
        write("a", 1, 0, 1);
        write("b", 2, 2, 3);
        write("a", 1, 5, 6);
        assertThat(new History(writes).overlap(0)).isEqualTo(Duration.ofMillis(2));
    }

    @Test
    void afterAThawItCountsFromThere() {
        write("b", 2, 2, 3);
        write("a", 1, 10, 11);
        assertThat(new History(writes).overlap(nanos(8))).isEqualTo(Duration.ofMillis(2));
    }

    @Test
    void aThawExcusesNothingBeforeIt() {
        write("b", 2, 2, 3);
        write("a", 1, 5, 6);
        write("a", 1, 10, 11);
        assertThat(new History(writes).overlap(nanos(8))).isEqualTo(Duration.ofMillis(7));
    }

    @Test
    void aMemberThatIsPromotedAgainBeginsAnotherReign() {
        write("a", 1, 0, 1);
        write("b", 2, 2, 3);
        write("a", 3, 4, 5);
        assertThat(new History(writes).overlap(0)).isZero();
        assertThat(new History(writes).reigns()).hasSize(3);
    }

    @Test
    void twoMembersOnOneTimelineAreRefused() {
        write("a", 1, 0, 1);
        write("b", 1, 2, 3);
        assertThatThrownBy(() -> new History(writes).reigns()).isInstanceOf(AssertionError.class);
    }

    @Test
    void theEndOfALogMayBeLostAndItsMiddleNot() {
        write("a", 1, 0, 1);
        write("a", 1, 2, 3);
        write("a", 1, 4, 5);
        assertThat(new History(writes).lostBeforeOthers(keys(1, 2))).isEmpty();
        assertThat(new History(writes).lostBeforeOthers(keys(1, 3))).containsExactly(writes.get(1));
    }

    @Test
    void theBusiestMomentIsFound() {
        write("a", 1, 0, 1, 0);
        write("a", 1, 10, 11, 100);
        write("a", 1, 11, 12, 400);
        write("a", 1, 20, 21, 500);
        assertThat(new History(writes).busiest(Duration.ofMillis(5))).isEqualTo(300);
    }

    private void write(String member, int timeline, long begun, long acknowledged) {
        write(member, timeline, begun, acknowledged, 0);
    }

    private void write(String member, int timeline, long begun, long acknowledged, long lsn) {
        writes.add(new Write(1, writes.size() + 1, nanos(begun), nanos(acknowledged), member, timeline, lsn));
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static Set<Write.Key> keys(Integer... numbers) {
        return Stream.of(numbers).map(number -> new Write.Key(1, number)).collect(Collectors.toSet());
    }
}
