package dev.primacy.operator.postgres;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** With each version that the protocol's facts were tried on, in containers. */
@Tag("containers")
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 17, 18})
class OnEveryVersionTest {
    private final Machine machine;

    OnEveryVersionTest(int version) {
        machine = Machine.Container.of(version);
    }

    @AfterEach
    void remove() {
        machine.close();
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
