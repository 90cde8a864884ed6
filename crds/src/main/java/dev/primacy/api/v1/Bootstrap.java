package dev.primacy.api.v1;

import java.util.Objects;

/** How the cluster's data comes to be. */
public record Bootstrap(Initdb initdb) {
    static final Bootstrap DEFAULT = new Bootstrap(Initdb.DEFAULT);

    public Bootstrap {
        initdb = Objects.requireNonNullElse(initdb, Initdb.DEFAULT);
    }
}
