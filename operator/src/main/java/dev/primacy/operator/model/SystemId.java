package dev.primacy.operator.model;

/** PostgreSQL's system identifier: a number drawn at initdb, the same on every copy of the data. Unsigned, hence text. */
public record SystemId(String value) {
    @Override
    public String toString() {
        return value;
    }
}
