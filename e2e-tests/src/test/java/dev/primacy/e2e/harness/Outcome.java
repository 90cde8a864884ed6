package dev.primacy.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;

/**
 * What a {@link Workload} saw, to be held against what is there.
 *
 * @param uncertain writes whose commit was sent and never answered; they may be there or not
 * @param failures how often a client had to connect again
 * @param greatestLag that the status showed while the primary was on a timeline, in bytes
 */
public record Outcome(
        Cluster cluster,
        List<Write> acknowledged,
        Set<Write.Key> uncertain,
        long failures,
        IntToLongFunction greatestLag) {

    /** The operator looks once a second. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

    /**
     * What an asynchronous cluster may do that a synchronous one may not.
     *
     * @param loss whether the end of a primary's log may be lost
     * @param unseen for how long the primary may have written what the operator never saw
     * @param thawed when a node was let go on again ({@link System#nanoTime}), and overlap: for how long from then on its primary may
     *     have taken writes beside another
     * @param reported whether the former primary comes back with its log, so that the status tells how much was lost
     */
    public record Tolerance(boolean loss, Duration unseen, long thawed, Duration overlap, boolean reported) {
        public static final Tolerance NONE = new Tolerance(false, Duration.ZERO, 0, Duration.ZERO, true);
        public static final Tolerance LAST_MOMENTS = lossOf(BETWEEN_LOOKS);

        public static Tolerance lossOf(Duration unseen) {
            return new Tolerance(true, unseen, 0, Duration.ZERO, true);
        }

        public static Tolerance overlapAfterThaw(long thawed, Duration overlap) {
            return new Tolerance(true, BETWEEN_LOOKS.plus(overlap), thawed, overlap, true);
        }

        /** The former primary's log is gone with it. */
        public Tolerance ofWhichNobodyCanTell() {
            return new Tolerance(loss, unseen, thawed, overlap, false);
        }
    }

    public Duration longestGap() {
        return Workload.longest(acknowledged.stream().mapToLong(Write::acknowledged));
    }

    /** As {@link #holds(String, Tolerance)}, and nothing is tolerated. */
    public Outcome holds(String title) {
        return holds(title, Tolerance.NONE);
    }

    /**
     * The cluster's data is what its clients were told, on every member; and what happened meanwhile was one primary at a time. Prints what
     * was measured.
     */
    public Outcome holds(String title, Tolerance tolerance) {
        Set<Write.Key> there = new HashSet<>();
        cluster.sql()
                .columnOnceItAnswers("select client || ' ' || number from written")
                .forEach(row -> {
                    String[] key = row.split(" ", 2);
                    there.add(new Write.Key(Integer.parseInt(key[0]), Integer.parseInt(key[1])));
                });
        List<Write> lost = acknowledged.stream()
                .filter(write -> !there.contains(write.key()))
                .toList();
        History history = new History(acknowledged);
        Promises.hold(title, () -> {
            Duration overlap = history.overlap(tolerance.thawed());
            print(title, lost, history, overlap);
            nothingIsThereThatNobodyCommitted(there);
            assertThat(overlap).as("for how long two members took writes").isLessThanOrEqualTo(tolerance.overlap());
            if (tolerance.loss()) {
                assertThat(history.lostBeforeOthers(there))
                        .as("lost, although later writes of the same log are there")
                        .isEmpty();
                lostIsWithinWhatTheStatusSays(lost, history, tolerance);
            } else {
                assertThat(lost).as("acknowledged and not there").isEmpty();
            }
            moneyIsWhereTransfersPutIt();
            membersAreAlike();
        });
        return this;
    }

    private void print(String title, List<Write> lost, History history, Duration overlap) {
        System.out.printf(
                "%s: write gap %d ms; %d acknowledged, %d lost, %d uncertain, %d reconnections; overlap %d ms; primaries %s%n",
                title,
                longestGap().toMillis(),
                acknowledged.size(),
                lost.size(),
                uncertain.size(),
                failures,
                overlap.toMillis(),
                history.reigns().stream()
                        .map(reign -> reign.member() + "/" + reign.timeline())
                        .toList());
    }

    private void nothingIsThereThatNobodyCommitted(Set<Write.Key> there) {
        Set<Write.Key> unexpected = new HashSet<>(there);
        acknowledged.forEach(write -> unexpected.remove(write.key()));
        unexpected.removeAll(uncertain);
        assertThat(unexpected)
                .as("there, and neither acknowledged nor uncertain")
                .isEmpty();
    }

    /**
     * What is lost is the end of the former primary's log: no more than the status says, once that member is back; and no more than by what
     * the standbys were behind, as the status showed it, and what was written since the operator had looked.
     */
    private void lostIsWithinWhatTheStatusSays(List<Write> lost, History history, Tolerance tolerance) {
        Map<Integer, Long> bytes = lost.stream()
                .collect(Collectors.groupingBy(
                        Write::timeline, Collectors.collectingAndThen(Collectors.toList(), Outcome::span)));
        long unseen = history.busiest(tolerance.unseen());
        bytes.forEach((timeline, lostThere) -> {
            long shown = greatestLag.applyAsLong(timeline);
            System.out.printf(
                    "  lost on timeline %d: %d bytes of log; lag shown: %d, at most %d unseen%n",
                    timeline, lostThere, shown, unseen);
            assertThat(lostThere).as("bytes lost on timeline " + timeline).isLessThanOrEqualTo(shown + unseen);
        });
        Long last = bytes.get(history.timelineBeforeTheLast());
        if (last != null) {
            Eventually.soon(
                    "status.lastFailover.lostBytes covers the " + last + " bytes, or says that nobody knows",
                    () -> assertThat(covers(lostBytes(), last, tolerance)).isTrue());
            System.out.printf("  status.lastFailover.lostBytes: %s%n", lostBytes());
        }
    }

    private static boolean covers(String said, long lost, Tolerance tolerance) {
        return said.equals("unknown") ? !tolerance.reported() : Long.parseLong(said) >= lost;
    }

    private static long span(List<Write> writes) {
        var lsns = writes.stream().mapToLong(Write::lsn).summaryStatistics();
        return lsns.getMax() - lsns.getMin();
    }

    private String lostBytes() {
        return String.valueOf(Objects.requireNonNull(cluster.status().lastFailover(), "status.lastFailover")
                .lostBytes());
    }

    private void moneyIsWhereTransfersPutIt() {
        assertThat(cluster.sql().columnOnceItAnswers("select sum(balance) from account"))
                .as("the sum of all accounts")
                .containsExactly(Integer.toString(Workload.ACCOUNTS * Workload.OPENING_BALANCE));
        assertThat(cluster.sql()
                        .columnOnceItAnswers(
                                "select id || ': ' || balance || ' and not ' || expected from (select id, balance, "
                                        + Workload.OPENING_BALANCE
                                        + " - coalesce((select sum(amount) from written where source = id), 0)"
                                        + " + coalesce((select sum(amount) from written where target = id), 0) as expected"
                                        + " from account) a where balance <> expected"))
                .as("accounts that do not have what their transfers say")
                .isEmpty();
    }

    private void membersAreAlike() {
        String expected = cluster.digestOfDump(cluster.primary());
        for (String standby : cluster.standbys()) {
            Eventually.soon(
                    standby + " has the same data",
                    () -> assertThat(cluster.digestOfDump(standby)).isEqualTo(expected));
        }
    }
}
