package dev.primacy.api.v1;

import java.util.Objects;

public record Storage(Volume data) {
    static final Storage DEFAULT = new Storage(Volume.DEFAULT);

    public Storage {
        data = Objects.requireNonNullElse(data, Volume.DEFAULT);
    }
}
