package dev.primacy.operator.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a timeline comes from: the forks that lead to it, oldest first, as in PostgreSQL's {@code .history} files.
 * Timeline 1 has none.
 */
public record TimelineHistory(int timeline, List<Fork> forks) {

    /** At {@code end} the log left {@code parent} for the next timeline. */
    public record Fork(int parent, Lsn end) {}

    public TimelineHistory {
        forks = List.copyOf(forks);
    }

    /** Reads the text of a {@code .history} file; unreadable lines and comments are passed over, as PostgreSQL does. */
    public static TimelineHistory parse(int timeline, String file) {
        List<Fork> forks = new ArrayList<>();
        for (String line : file.lines().toList()) {
            String[] words = line.strip().split("\\s+", 3);
            if (words.length >= 2 && words[0].chars().allMatch(Character::isDigit) && words[1].indexOf('/') > 0) {
                forks.add(new Fork(Integer.parseInt(words[0]), Lsn.parse(words[1])));
            }
        }
        return new TimelineHistory(timeline, forks);
    }

    /**
     * Whether a log that ends at {@code position} is a prefix of this one, so that its member can follow without a rewind
     * (invariant 4).
     */
    public boolean contains(Position position) {
        if (position.timeline() == timeline) {
            return true;
        }
        return forks.stream()
                .anyMatch(fork ->
                        fork.parent() == position.timeline() && position.lsn().compareTo(fork.end()) <= 0);
    }
}
