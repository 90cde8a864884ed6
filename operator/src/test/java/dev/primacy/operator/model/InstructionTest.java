package dev.primacy.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Instruction.Verb;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class InstructionTest {

    @Test
    @DisplayName("the annotation is read as it was written")
    void bothWays() {
        Instruction rewind = new Instruction("5-1-4b0", 5, Verb.REWIND, "orders-1-0.orders-members.shop.svc");
        assertThat(rewind.text()).isEqualTo("5-1-4b0 5 rewind orders-1-0.orders-members.shop.svc");
        assertThat(Instruction.parse(rewind.text())).contains(rewind);

        Instruction restart = new Instruction("6-start", 6, Verb.RESTART, "");
        assertThat(restart.text()).isEqualTo("6-start 6 restart");
        assertThat(Instruction.parse(restart.text())).contains(restart);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "6-start",
                "6-start 6",
                "6-start six restart",
                "6-start 6 dance",
                "6-promote 6 promote",
                "6-promote 6 promote on"
            })
    @DisplayName("what no script would obey is none")
    void unreadable(@Nullable String text) {
        assertThat(Instruction.parse(text)).isEmpty();
    }
}
