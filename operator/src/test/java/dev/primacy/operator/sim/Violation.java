package dev.primacy.operator.sim;

/** An invariant does not hold. */
final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;
    final int invariant;

    Violation(int invariant, String what) {
        super("invariant " + invariant + ": " + what, null, false, false);
        this.invariant = invariant;
    }
}
