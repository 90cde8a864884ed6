package dev.primacy.operator.decide;

import dev.primacy.operator.model.Intent;

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

    static Phase of(Intent intent) {
        return switch (intent.kind()) {
            case Bootstrap -> Creating;
            case Failover -> FailingOver;
            case Switchover -> SwitchingOver;
        };
    }

    public String words() {
        return words;
    }
}
