package dev.primacy.operator.decide;

/** The Status column. */
public enum Phase {
    Creating,
    Running,
    FailingOver("Failing over"),
    SwitchingOver("Switching over"),
    Scaling,
    Restarting,
    Updating,
    Degraded,
    Paused,
    Stalled;

    private final String words;

    Phase() {
        this.words = name();
    }

    Phase(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }
}
