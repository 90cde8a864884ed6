package dev.primacy.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.postgres.Outcome;
import dev.primacy.operator.render.Configuration;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConfigurationGateTest {
    private static final Duration START = Duration.ofSeconds(100);

    private final ConfigurationGate gate = new ConfigurationGate();
    private final List<String> shown = new ArrayList<>();
    private Outcome verdict = Outcome.DONE;

    @Test
    @DisplayName("what PostgreSQL accepts goes to the members, and is shown to it once")
    void accepted() {
        assertThat(pass("new", "a-1", START)).isEqualTo(new ConfigurationGate.Passage("new", true, null));
        pass("new", "a-1", START.plusSeconds(60));
        assertThat(shown).containsExactly("new");
    }

    @Test
    @DisplayName("what PostgreSQL rejects is kept from the members, and shown to it again after ten seconds alone")
    void rejected() {
        verdict = new Outcome.Refused("no such parameter");
        ConfigurationGate.Passage passage = pass("new", "a-1", START);
        assertThat(passage.hash()).isEqualTo("old");
        assertThat(passage.complaint()).contains("no such parameter");

        assertThat(pass("new", "a-1", START.plusMillis(9_999))).isEqualTo(passage);
        assertThat(shown).hasSize(1);

        verdict = Outcome.DONE;
        assertThat(pass("new", "a-1", START.plusSeconds(10)).open()).isTrue();
        assertThat(shown).hasSize(2);
    }

    @Test
    @DisplayName("another configuration, or another primary, is asked about at once")
    void otherQuestions() {
        verdict = new Outcome.Refused("no such parameter");
        pass("new", "a-1", START);
        pass("newer", "a-1", START);
        pass("newer", "a-2", START);
        assertThat(shown).containsExactly("new", "newer", "newer");
    }

    @Test
    @DisplayName("a word that another operator leads is no judgement, and is not kept")
    void superseded() {
        verdict = new Outcome.Superseded(7);
        assertThat(pass("new", "a-1", START).hash()).isEqualTo("old");
        verdict = Outcome.DONE;
        assertThat(pass("new", "a-1", START).open()).isTrue();
    }

    @Test
    @DisplayName(
            "with nobody to ask it passes, since it may be what mends the cluster; but not what was rejected before")
    void nobodyToAsk() {
        assertThat(pass("new", null, START).open()).isTrue();

        verdict = new Outcome.Refused("no such parameter");
        ConfigurationGate.Passage rejected = pass("newer", "a-1", START);
        assertThat(pass("newer", null, START.plusSeconds(60))).isEqualTo(rejected);
        assertThat(pass("newest", null, START).open()).isTrue();

        verdict = new Outcome.Failed("no answer in time");
        pass("unjudged", "a-1", START);
        assertThat(pass("unjudged", null, START).open()).isTrue();
        assertThat(gate.pass(
                                Optional.empty(),
                                configuration("new"),
                                new ConfigurationGate.Judge("a-1", text -> verdict),
                                START)
                        .open())
                .as("nothing is mounted yet")
                .isTrue();
    }

    @Test
    @DisplayName("it waits, without a complaint, until the members have been looked at once")
    void nobodyYet() {
        assertThat(gate.pass(Optional.of("old"), configuration("new"), ConfigurationGate.Nobody.YET, START))
                .isEqualTo(new ConfigurationGate.Passage("old", false, null));
    }

    @Test
    @DisplayName("who could not be asked is asked again after ten seconds, and does not hold up every pass")
    void failed() {
        verdict = new Outcome.Failed("no answer in time");
        assertThat(pass("new", "a-1", START).complaint()).contains("no answer in time");
        assertThat(pass("new", "a-1", START.plusSeconds(9)).open()).isFalse();
        assertThat(shown).hasSize(1);
        verdict = Outcome.DONE;
        assertThat(pass("new", "a-1", START.plusSeconds(10)).open()).isTrue();
    }

    @Test
    @DisplayName("the mounted configuration is told by the hash that postgresql.conf declares")
    void mounted() {
        ConfigMap shownToMembers = new ConfigMapBuilder()
                .addToData("postgresql.conf", "port = 5432\nprimacy.config = 'abc'\n")
                .build();
        assertThat(Configuration.hash(shownToMembers)).hasValue("abc");
        assertThat(Configuration.hash(new ConfigMap())).isEmpty();
    }

    private ConfigurationGate.Passage pass(String hash, @Nullable String primary, Duration at) {
        ConfigurationGate.Jury judge = primary == null
                ? ConfigurationGate.Nobody.THERE
                : new ConfigurationGate.Judge(primary, text -> {
                    shown.add(text);
                    return verdict;
                });
        return gate.pass(Optional.of("old"), configuration(hash), judge, at);
    }

    private static Configuration configuration(String hash) {
        return new Configuration(hash, hash, "", "");
    }
}
