package dev.primacy.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.api.v1.PostgresClusterStatus.MemberStatus;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a {@link Workload} saw, to be held against what is there.
 *
 * @param uncertain writes that were sent and never answered; they may be there or not
 * @param failures how often a client had to connect again
 */
public record Outcome(Cluster cluster, List<Write> acknowledged, Set<Write.Key> uncertain, long failures) {

    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);

    /**
     * What an asynchronous cluster may do that a synchronous one may not.
     *
     * @param loss whether the last moments of a primary may be lost
     * @param thawed when a node was let go on again ({@link System#nanoTime}), and overlap: for how long from then on its primary may
     *     have acknowledged writes beside another
     */
    public record Tolerance(boolean loss, long thawed, Duration overlap) {
        public static final Tolerance NONE = new Tolerance(false, 0, Duration.ZERO);
        public static final Tolerance LAST_MOMENTS = new Tolerance(true, 0, Duration.ZERO);
    }

    /** One member's time as primary on one timeline, as its acknowledgements tell. */
    private record Reign(int timeline, String member, long firstAcknowledged, long lastBegun, List<Write> writes) {

        static Reign of(int timeline, List<Write> writes) {
            Set<String> members = writes.stream().map(Write::member).collect(Collectors.toSet());
            assertThat(members).as("members that wrote on timeline " + timeline).hasSize(1);
            return new Reign(
                    timeline,
                    members.iterator().next(),
                    writes.stream().mapToLong(Write::acknowledged).min().orElseThrow(),
                    writes.stream().mapToLong(Write::begun).max().orElseThrow(),
                    writes);
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
        Duration overlap = overlap(tolerance);
        System.out.printf(
                "%s: write gap %d ms; %d acknowledged, %d lost, %d uncertain, %d reconnections; overlap %d ms; primaries %s%n",
                title,
                longestGap().toMillis(),
                acknowledged.size(),
                lost.size(),
                uncertain.size(),
                failures,
                overlap.toMillis(),
                reigns().stream()
                        .map(reign -> reign.member() + "/" + reign.timeline())
                        .toList());

        nothingIsThereThatNobodySent(there);
        if (tolerance.loss()) {
            lostIsTheEndOfALog(lost, there);
            lostIsWithinWhatTheStatusSays(lost);
        } else {
            assertThat(lost).as("acknowledged and not there").isEmpty();
        }
        moneyIsWhereTransfersPutIt();
        membersAreAlike();
        return this;
    }

    private List<Reign> reigns() {
        Map<Integer, List<Write>> byTimeline = acknowledged.stream()
                .collect(Collectors.groupingBy(Write::timeline, TreeMap::new, Collectors.toList()));
        return byTimeline.entrySet().stream()
                .map(entry -> Reign.of(entry.getKey(), entry.getValue()))
                .toList();
    }

    /**
     * For how long an earlier primary went on beside a later one: from the first write that it took after the later one had acknowledged one.
     * A write is taken somewhere between its begin and its answer, so only what began after the other's answer is proof.
     */
    private Duration overlap(Tolerance tolerance) {
        List<Reign> reigns = reigns();
        Duration longest = Duration.ZERO;
        for (int earlier = 0; earlier < reigns.size(); earlier++) {
            for (int later = earlier + 1; later < reigns.size(); later++) {
                Reign old = reigns.get(earlier);
                long since = reigns.get(later).firstAcknowledged();
                if (old.lastBegun() <= since) {
                    continue;
                }
                long begun = Math.max(since, tolerance.thawed());
                Duration beside = Duration.ofNanos(old.lastBegun() - begun);
                assertThat(beside)
                        .as(
                                "%s took writes on timeline %d beside %s on %d",
                                old.member(),
                                old.timeline(),
                                reigns.get(later).member(),
                                reigns.get(later).timeline())
                        .isLessThanOrEqualTo(tolerance.overlap());
                longest = beside.compareTo(longest) > 0 ? beside : longest;
            }
        }
        return longest;
    }

    private void nothingIsThereThatNobodySent(Set<Write.Key> there) {
        Set<Write.Key> unexpected = new HashSet<>(there);
        acknowledged.forEach(write -> unexpected.remove(write.key()));
        unexpected.removeAll(uncertain);
        assertThat(unexpected)
                .as("there, and neither acknowledged nor uncertain")
                .isEmpty();
    }

    /** A log loses its end, never its middle: what was acknowledged before a write that survived has survived. */
    private void lostIsTheEndOfALog(List<Write> lost, Set<Write.Key> there) {
        for (Reign reign : reigns()) {
            long lastKept = reign.writes().stream()
                    .filter(write -> there.contains(write.key()))
                    .mapToLong(Write::begun)
                    .max()
                    .orElse(Long.MIN_VALUE);
            assertThat(lost.stream()
                            .filter(write -> write.timeline() == reign.timeline() && write.acknowledged() < lastKept))
                    .as("lost on timeline %d, before others of it that were kept", reign.timeline())
                    .isEmpty();
        }
    }

    /**
     * The status tells how much of the log that the operator had seen is lost. What was written since it last looked it cannot know: the
     * busiest moment of the run bounds that.
     */
    private void lostIsWithinWhatTheStatusSays(List<Write> lost) {
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
        long unseen = busiest(PROBE_INTERVAL.multipliedBy(2));
        System.out.printf(
                "  lost: %d bytes of log; status.lastFailover.lostBytes: %s; written in the busiest 2 s: %d bytes%n",
                bytes, said, unseen);
        assertThat(bytes).as("bytes lost").isLessThanOrEqualTo(known + unseen);
    }

    private long busiest(Duration window) {
        long most = 0;
        for (Reign reign : reigns()) {
            List<Write> writes = new ArrayList<>(reign.writes());
            writes.sort(Comparator.comparingLong(Write::begun));
            int first = 0;
            for (Write write : writes) {
                while (write.begun() - writes.get(first).begun() > window.toNanos()) {
                    first++;
                }
                most = Math.max(most, write.lsn() - writes.get(first).lsn());
            }
        }
        return most;
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
