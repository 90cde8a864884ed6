package dev.primacy.api.v1;

import java.util.Objects;

public record ClusterServices(ServiceOptions readWrite, ServiceOptions readOnly) {
    static final ClusterServices DEFAULT = new ClusterServices(ServiceOptions.DEFAULT, ServiceOptions.DEFAULT);

    public ClusterServices {
        readWrite = Objects.requireNonNullElse(readWrite, ServiceOptions.DEFAULT);
        readOnly = Objects.requireNonNullElse(readOnly, ServiceOptions.DEFAULT);
    }
}
