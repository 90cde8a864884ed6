package dev.primacy.operator.shell;

/** How a command, or some SQL, ended: status 0 is success, and the output then what it answered, else what it complained of. */
public record Result(int status, String output) {}
