package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuotingTest {
    @Test
    void literals() {
        assertThat(Quoting.literal("plain")).isEqualTo("'plain'");
        assertThat(Quoting.literal("it's")).isEqualTo("'it''s'");
        assertThat(Quoting.literal("a\\'b")).isEqualTo("E'a\\\\''b'");
    }

    @Test
    void identifiers() {
        assertThat(Quoting.identifier("Robert\"; DROP")).isEqualTo("\"Robert\"\"; DROP\"");
    }

    @Test
    void connectionStrings() {
        assertThat(Quoting.conninfo("host", "a b'c\\d")).isEqualTo("host='a b\\'c\\\\d'");
    }
}
