package dev.primacy.testbed;

/** The test bed cannot do what was asked; the message says what is wrong and what to do. */
public final class TestbedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TestbedException(String message) {
        super(message);
    }

    TestbedException(String message, Throwable cause) {
        super(message, cause);
    }
}
