package dev.primacy.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.decide.Action;
import dev.primacy.operator.kube.Applier;
import dev.primacy.operator.kube.Executor;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.postgres.ApplicationAccess;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final ApplicationAccess ACCESS = new ApplicationAccess("app", "secret", "app", false);
    private static final List<String> MEMBERS = List.of("a-1", "a-2");

    private final Memory memory = new Memory("operator-1");

    @Test
    @DisplayName("a member whose pod is gone is looked for at its last address, until it is no member any more")
    void addresses() {
        memory.addresses(Map.of("a-1", "10.0.0.1", "a-2", "10.0.0.2"), MEMBERS);
        assertThat(memory.addresses(Map.of("a-2", "10.0.0.2"), MEMBERS)).containsEntry("a-1", "10.0.0.1");
        assertThat(memory.addresses(Map.of("a-1", "10.0.0.9"), MEMBERS)).containsEntry("a-1", "10.0.0.9");
        assertThat(memory.addresses(Map.of(), List.of("a-2"))).doesNotContainKey("a-1");
    }

    @Test
    @DisplayName("what was brought about counts on the primary on which it was, and only until it fails")
    void application() {
        String hash = memory.application(ACCESS, Facts.NONE).hash();
        Action.EnsureApplication ensured = new Action.EnsureApplication("a-1", hash, "r");
        memory.acted(new Executor.Report(List.of(ensured), List.of(), null));
        assertThat(memory.application(ACCESS, Facts.NONE.withPrimary("a-1", "c", 1)))
                .isEqualTo(new ClusterView.Application(hash, hash, "r"));
        assertThat(memory.application(ACCESS, Facts.NONE.withPrimary("a-2", "c", 2)))
                .isEqualTo(new ClusterView.Application(hash, "", ""));

        memory.acted(new Executor.Report(List.of(), List.of(new Executor.Failure(ensured, "no")), null));
        assertThat(memory.application(ACCESS, Facts.NONE.withPrimary("a-1", "c", 1)))
                .isEqualTo(new ClusterView.Application(hash, "", ""));
    }

    @Test
    @DisplayName(
            "what is logged of the owner's access differs with each part of it, and lets nobody try passwords against it")
    void accessIsHashedUnderAKey() {
        assertThat(Stream.of(
                                ACCESS,
                                new ApplicationAccess("app2", "secret", "app", false),
                                new ApplicationAccess("app", "secret2", "app", false),
                                new ApplicationAccess("app", "secret", "app2", false),
                                new ApplicationAccess("app", "secret", "app", true))
                        .map(it -> memory.application(it, Facts.NONE).hash()))
                .doesNotHaveDuplicates();
        assertThat(new Memory("operator-1").application(ACCESS, Facts.NONE).hash())
                .as("the hash of the same in another process")
                .isNotEqualTo(memory.application(ACCESS, Facts.NONE).hash());
    }

    @Test
    @DisplayName("what failed is told in words")
    void problems() {
        memory.acted(new Executor.Report(
                List.of(),
                List.of(new Executor.Failure(new Action.CreateSlot("a-1", "a_2"), "all slots are taken")),
                null));
        memory.applied(
                List.of(
                        new Applier.Refusal("PersistentVolumeClaim", "data-a-1", "cannot grow"),
                        new Applier.Refusal("Service", "a-rw", "no such port")),
                List.of("namespace b does not accept"));
        assertThat(memory.problems())
                .containsExactly(
                        "namespace b does not accept",
                        "PersistentVolumeClaim data-a-1: cannot grow",
                        "Service a-rw: no such port",
                        "a-1: create slot did not succeed: all slots are taken");
    }
}
