package dev.primacy.e2e.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Who was primary when, as the acknowledgements tell. */
record History(List<Write> acknowledged) {

    /** One member's time as primary on one timeline. */
    record Reign(int timeline, String member, List<Write> writes) {
        long firstAcknowledged() {
            return writes.stream().mapToLong(Write::acknowledged).min().orElseThrow();
        }

        long lastBegun() {
            return writes.stream().mapToLong(Write::begun).max().orElseThrow();
        }
    }

    /**
     * By timeline.
     *
     * @throws AssertionError if two members wrote on the same timeline (invariant 3)
     */
    List<Reign> reigns() {
        Map<Integer, List<Write>> byTimeline = acknowledged.stream()
                .collect(Collectors.groupingBy(Write::timeline, TreeMap::new, Collectors.toList()));
        return byTimeline.entrySet().stream()
                .map(entry -> reign(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** The timeline of the reign that the last change of the primary ended; 0 if there was no change. */
    int timelineBeforeTheLast() {
        List<Reign> reigns = reigns();
        return reigns.size() < 2 ? 0 : reigns.get(reigns.size() - 2).timeline();
    }

    private static Reign reign(int timeline, List<Write> writes) {
        Set<String> members = writes.stream().map(Write::member).collect(Collectors.toSet());
        if (members.size() > 1) {
            throw new AssertionError("on timeline %d wrote %s".formatted(timeline, members));
        }
        return new Reign(timeline, members.iterator().next(), writes);
    }

    /**
     * For how long an earlier primary took writes beside a later one. A write is taken somewhere between its begin and its answer, so only
     * what was begun after the other's answer is proof.
     *
     * @param notBefore counts from here on, if the later one began before
     */
    Duration overlap(long notBefore) {
        List<Reign> reigns = reigns();
        Duration longest = Duration.ZERO;
        for (int earlier = 0; earlier < reigns.size(); earlier++) {
            for (int later = earlier + 1; later < reigns.size(); later++) {
                long since = reigns.get(later).firstAcknowledged();
                long last = reigns.get(earlier).lastBegun();
                if (last > since) {
                    // Something before that moment is no less of an overlap, and could not be excused by it.
                    boolean excused = reigns.get(earlier).writes().stream()
                            .mapToLong(Write::begun)
                            .noneMatch(begun -> begun > since && begun < notBefore);
                    Duration beside = Duration.ofNanos(last - (excused ? Math.max(since, notBefore) : since));
                    longest = beside.compareTo(longest) > 0 ? beside : longest;
                }
            }
        }
        return longest;
    }

    /** Lost writes that were acknowledged before the begin of one that was kept, in the same log: a log loses its end, never its middle. */
    List<Write> lostBeforeOthers(Set<Write.Key> kept) {
        List<Write> wrong = new ArrayList<>();
        for (Reign reign : reigns()) {
            long lastKept = reign.writes().stream()
                    .filter(write -> kept.contains(write.key()))
                    .mapToLong(Write::begun)
                    .max()
                    .orElse(Long.MIN_VALUE);
            reign.writes().stream()
                    .filter(write -> !kept.contains(write.key()) && write.acknowledged() < lastKept)
                    .forEach(wrong::add);
        }
        return wrong;
    }

    /** Most bytes of log written in any such time. */
    long busiest(Duration window) {
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
}
