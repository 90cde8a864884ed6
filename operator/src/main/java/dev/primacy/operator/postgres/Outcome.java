package dev.primacy.operator.postgres;

/** What came of a command. A failure is a value: the next pass sees the member and decides anew. */
public sealed interface Outcome {

    /** It is as the command wanted it, by its own doing or already before. */
    record Done() implements Outcome {}

    /** @param reason in words for a person, without secrets */
    record Failed(String reason) implements Outcome {}

    /**
     * PostgreSQL refuses what the user asked for, and will until it is changed.
     *
     * @param reason in words for a person: what is refused, and where it stands
     */
    record Refused(String reason) implements Outcome {}

    /** The member follows a newer leadership (rule 1): whoever holds the older epoch must not act any more. */
    record Superseded(long memberEpoch) implements Outcome {}

    Outcome DONE = new Done();
}
