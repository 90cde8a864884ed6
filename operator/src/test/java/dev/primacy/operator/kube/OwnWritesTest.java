package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OwnWritesTest {
    private static final String KEY = "shop/orders";

    private final OwnWrites<ConfigMap> own = new OwnWrites<>();

    @Test
    @DisplayName("what was written is seen at once, and until the watch has told as much")
    void ahead() {
        own.answered(object("a", 7));
        assertThat(own.newest(object("a", 6))).isEqualTo(object("a", 7));
        own.told(object("a", 6));
        assertThat(own.get(KEY)).isPresent();
        own.told(object("a", 8));
        assertThat(own.get(KEY)).isEmpty();
        assertThat(own.newest(object("a", 8))).isEqualTo(object("a", 8));
    }

    @Test
    @DisplayName("of two answers the newer counts, whichever arrives last")
    void answersOutOfOrder() {
        own.answered(object("a", 9));
        own.answered(object("a", 7));
        assertThat(own.all()).containsExactly(object("a", 9));
    }

    @Test
    @DisplayName("an answer that arrives after the watch told of the object's end is of nothing that is there")
    void endedBeforeTheAnswer() {
        own.ended(object("a", 8));
        own.answered(object("a", 7));
        assertThat(own.all()).isEmpty();
    }

    @Test
    @DisplayName("the end of an object is not that of the one which was made under its name since")
    void anotherOfTheSameName() {
        own.answered(object("b", 9));
        own.ended(object("a", 8));
        assertThat(own.get(KEY)).contains(object("b", 9));
    }

    private static ConfigMap object(String uid, int version) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("orders")
                .withUid(uid)
                .withResourceVersion(Integer.toString(version))
                .endMetadata()
                .build();
    }
}
