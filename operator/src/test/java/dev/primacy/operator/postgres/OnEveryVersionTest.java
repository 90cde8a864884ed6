package dev.primacy.operator.postgres;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** With each version that the protocol's facts were tried on, in containers: one of each, where each test has its own servers. */
@Tag("containers")
@Execution(ExecutionMode.CONCURRENT)
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 17, 18})
class OnEveryVersionTest {
    private static final Map<Integer, Machine> MACHINES = new ConcurrentHashMap<>();

    private final Machine machine;

    OnEveryVersionTest(int version) {
        machine = MACHINES.computeIfAbsent(version, Machine.Container::of);
    }

    @AfterAll
    static void remove() {
        MACHINES.values().forEach(Machine::close);
        MACHINES.clear();
    }

    @Nested
    class Looking extends ProbeContract {
        Looking() {
            super(machine);
        }
    }

    @Nested
    class Commanding extends CommandContract {
        Commanding() {
            super(machine);
        }
    }

    @Nested
    class Promoting extends PromotionContract {
        Promoting() {
            super(machine);
        }
    }

    @Nested
    class Configuring extends ReloadContract {
        Configuring() {
            super(machine);
        }
    }

    @Nested
    class ServingApplications extends ApplicationContract {
        ServingApplications() {
            super(machine);
        }
    }
}
