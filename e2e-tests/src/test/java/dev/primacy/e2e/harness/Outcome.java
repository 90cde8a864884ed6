package dev.primacy.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresClusterStatus.MemberStatus;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What a {@link Workload} saw, to be held against what is there.
 *
 * @param uncertain writes whose commit was sent and never answered; they may be there or not
 * @param failures how often a client had to connect again
 */
public record Outcome(Cluster cluster, List<Write> acknowledged, Set<Write.Key> uncertain, long failures) {

    /** The operator looks once a second. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

    /**
     * What an asynchronous cluster may do that a synchronous one may not.
     *
     * @param loss whether the end of a primary's log may be lost
     * @param unseen for how long the primary may have written what the operator never saw
     * @param thawed when a node was let go on again ({@link System#nanoTime}), and overlap: for how long from then on its primary may
     *     have taken writes beside another
     */
    public record Tolerance(boolean loss, Duration unseen, long thawed, Duration overlap) {
        public static final Tolerance NONE = new Tolerance(false, Duration.ZERO, 0, Duration.ZERO);
        public static final Tolerance LAST_MOMENTS = lossOf(BETWEEN_LOOKS);

        public static Tolerance lossOf(Duration unseen) {
            return new Tolerance(true, unseen, 0, Duration.ZERO);
        }

        public static Tolerance overlapAfterThaw(long thawed, Duration overlap) {
            return new Tolerance(true, BETWEEN_LOOKS.plus(overlap), thawed, overlap);
        }
    }

    public Duration longestGap() {
        return Workload.longest(acknowledged.stream().mapToLong(Write::acknowledged));
    }

    /** As {@link #holds(String, Tolerance)}, and nothing is tolerated. */
    public Outcome holds(String title) throws SQLException {
        return holds(title, Tolerance.NONE);
    }

    /**
     * The cluster's data is what its clients were told, on every member; and what happened meanwhile was one primary at a time. Prints what
     * was measured.
     */
    public Outcome holds(String title, Tolerance tolerance) throws SQLException {
        Set<Write.Key> there = new HashSet<>();
        cluster.sql().column("select client || ' ' || number from written").forEach(row -> {
            String[] key = row.split(" ", 2);
            there.add(new Write.Key(Integer.parseInt(key[0]), Integer.parseInt(key[1])));
        });
        List<Write> lost = acknowledged.stream()
                .filter(write -> !there.contains(write.key()))
                .toList();
        History history = new History(acknowledged);
        Duration overlap = history.overlap(tolerance.thawed());
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

        nothingIsThereThatNobodyCommitted(there);
        assertThat(overlap).as("for how long two members took writes").isLessThanOrEqualTo(tolerance.overlap());
        if (tolerance.loss()) {
            assertThat(history.lostBeforeOthers(there))
                    .as("lost, although later writes of the same log are there")
                    .isEmpty();
            lostIsWithinWhatTheStatusSays(lost, history.busiest(tolerance.unseen()));
        } else {
            assertThat(lost).as("acknowledged and not there").isEmpty();
        }
        moneyIsWhereTransfersPutIt();
        membersAreAlike();
        return this;
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
     * The status tells how much of the log that the operator had seen is lost; what was written after it last looked it cannot know.
     */
    private void lostIsWithinWhatTheStatusSays(List<Write> lost, long unseen) {
        if (lost.isEmpty()) {
            return;
        }
        var last = Objects.requireNonNull(cluster.status().lastFailover(), "status.lastFailover");
        String said = Objects.requireNonNullElse(last.lostBytes(), "unknown");
        long known = said.matches("\\d+") ? Long.parseLong(said) : 0;
        List<Write> latest = lost.stream()
                .filter(write -> write.timeline()
                        == lost.stream().mapToInt(Write::timeline).max().orElseThrow())
                .sorted(Comparator.comparingLong(Write::lsn))
                .toList();
        long bytes = latest.getLast().lsn() - latest.getFirst().lsn();
        System.out.printf(
                "  lost: %d bytes of log; status.lastFailover.lostBytes: %s; and at most %d unseen%n",
                bytes, said, unseen);
        assertThat(bytes).as("bytes lost").isLessThanOrEqualTo(known + unseen);
    }

    private void moneyIsWhereTransfersPutIt() throws SQLException {
        assertThat(cluster.sql().value("select sum(balance) from account"))
                .as("the sum of all accounts")
                .isEqualTo(Integer.toString(Workload.ACCOUNTS * Workload.OPENING_BALANCE));
        assertThat(cluster.sql()
                        .column("select id || ': ' || balance || ' and not ' || expected from (select id, balance, "
                                + Workload.OPENING_BALANCE
                                + " - coalesce((select sum(amount) from written where source = id), 0)"
                                + " + coalesce((select sum(amount) from written where target = id), 0) as expected"
                                + " from account) a where balance <> expected"))
                .as("accounts that do not have what their transfers say")
                .isEmpty();
    }

    private void membersAreAlike() throws SQLException {
        String expected = digest(cluster.sql());
        for (MemberStatus member : cluster.status().members()) {
            Eventually.soon(
                    member.name() + " has the same data",
                    () -> assertThat(digest(cluster.sqlOn(member.name()))).isEqualTo(expected));
        }
    }

    private static String digest(Sql sql) throws SQLException {
        return sql.value(
                "select md5(coalesce((select string_agg(w::text, ',' order by client, number) from written w), ''))"
                        + " || md5((select string_agg(a::text, ',' order by id) from account a))");
    }
}
