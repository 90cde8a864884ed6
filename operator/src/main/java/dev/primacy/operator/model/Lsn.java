package dev.primacy.operator.model;

/**
 * A position in the write-ahead log, in bytes (PostgreSQL's {@code pg_lsn}); compared unsigned.
 */
public record Lsn(long bytes) implements Comparable<Lsn> {
    public static final Lsn ZERO = new Lsn(0);

    /**
     * Reads PostgreSQL's notation, two hexadecimal halves: {@code 16/B374D848}.
     *
     * @throws IllegalArgumentException if the text is not of that form
     */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || slash == text.length() - 1) {
            throw new IllegalArgumentException("not an LSN, which looks like 16/B374D848: '" + text + "'");
        }
        try {
            long high = Long.parseUnsignedLong(text.substring(0, slash), 16);
            long low = Long.parseUnsignedLong(text.substring(slash + 1), 16);
            return new Lsn(high << 32 | low);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not an LSN, which looks like 16/B374D848: '" + text + "'", e);
        }
    }

    /** How many bytes of log this position is behind {@code other}; 0 when it is not behind. */
    public long behind(Lsn other) {
        return compareTo(other) >= 0 ? 0 : other.bytes - bytes;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public String toString() {
        return Long.toHexString(bytes >>> 32).toUpperCase(java.util.Locale.ROOT) + "/"
                + Long.toHexString(bytes & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
    }
}
