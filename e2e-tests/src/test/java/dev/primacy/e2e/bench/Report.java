package dev.primacy.e2e.bench;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A table for the terminal, and the same as JSON in {@code e2e-tests/target/bench/}. */
final class Report {
    private final String name;
    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();
    private final List<Map<String, Object>> records = new ArrayList<>();

    Report(String name, String... headings) {
        this.name = name;
        this.headings = List.of(headings);
    }

    void row(Map<String, Object> record, String... cells) {
        records.add(new LinkedHashMap<>(record));
        rows.add(List.of(cells));
    }

    /** Nothing if nothing was measured. */
    void print() throws IOException {
        if (rows.isEmpty()) {
            return;
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(headings);
        lines.addAll(rows);
        StringBuilder text = new StringBuilder("\n");
        for (List<String> line : lines) {
            for (int column = 0; column < headings.size(); column++) {
                int index = column;
                int width = lines.stream()
                        .mapToInt(each -> Math.max(1, each.get(index).length()))
                        .max()
                        .orElseThrow();
                String format = column == 0 ? "%-" + width + "s" : "  %" + width + "s";
                text.append(format.formatted(line.get(column)));
            }
            text.append('\n');
        }
        Path folder = Files.createDirectories(Path.of("target", "bench"));
        Path file = folder.resolve(name + ".json");
        Files.writeString(
                file,
                Serialization.asJson(Map.of(
                        "benchmark",
                        name,
                        "at",
                        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                        "processors",
                        Runtime.getRuntime().availableProcessors(),
                        "results",
                        records)));
        System.out.println(text.append('\n').append(file.toAbsolutePath()));
    }
}
