package dev.primacy.operator.model;

import java.util.Comparator;

/** How far a member's log goes: its timeline first, then the LSN on it (rule 5). */
public record Position(int timeline, Lsn lsn) implements Comparable<Position> {
    private static final Comparator<Position> ORDER =
            Comparator.comparingInt(Position::timeline).thenComparing(Position::lsn);

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return lsn + " on timeline " + timeline;
    }
}
