package dev.primacy.operator.postgres;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** With the server that is installed here; {@link OnEveryVersionTest} needs none. */
@Execution(ExecutionMode.CONCURRENT)
class OnThisMachineTest {
    static Machine machine() {
        return Machine.local()
                .orElseGet(() -> Assumptions.abort("no PostgreSQL server is installed in /usr/lib/postgresql"));
    }

    @Nested
    class Looking extends ProbeContract {
        Looking() {
            super(machine());
        }
    }

    @Nested
    class Commanding extends CommandContract {
        Commanding() {
            super(machine());
        }
    }

    @Nested
    class Promoting extends PromotionContract {
        Promoting() {
            super(machine());
        }
    }

    @Nested
    class Configuring extends ReloadContract {
        Configuring() {
            super(machine());
        }
    }

    @Nested
    class ServingApplications extends ApplicationContract {
        ServingApplications() {
            super(machine());
        }
    }
}
