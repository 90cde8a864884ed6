package dev.primacy.api.v1;

import java.util.List;
import java.util.Map;

public record PostgresqlConfiguration(Map<String, String> parameters, List<String> sharedPreloadLibraries) {
    static final PostgresqlConfiguration DEFAULT = new PostgresqlConfiguration(Map.of(), List.of());

    public PostgresqlConfiguration {
        parameters = parameters == null ? Map.of() : Map.copyOf(parameters);
        sharedPreloadLibraries = sharedPreloadLibraries == null ? List.of() : List.copyOf(sharedPreloadLibraries);
    }
}
