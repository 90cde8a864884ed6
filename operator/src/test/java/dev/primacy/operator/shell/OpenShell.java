package dev.primacy.operator.shell;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

/**
 * A shell that is kept open, in a container as a rule: to start a process there takes more of the machine than most of what tests
 * have to do there.
 */
public final class OpenShell implements AutoCloseable {
    private static final String END = "end-of-output";

    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    /** @param command that ends in bash */
    public OpenShell(String... command) {
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        in = process.outputWriter(UTF_8);
        out = process.inputReader(UTF_8);
    }

    public Result run(String script) {
        return run(script, "");
    }

    /**
     * In a subshell of its own; standard error is part of the output. It is joined there: a client of Docker keeps the two apart, and
     * may deliver the one after the end of the other.
     */
    public synchronized Result run(String script, String input) {
        String from = input.isEmpty() ? "</dev/null" : "<<'END OF INPUT'\n" + input + "\nEND OF INPUT";
        try {
            in.write("(\n" + script + "\n) 2>&1 " + from + "\nprintf '\\n%s %d\\n' " + END + " $?\n");
            in.flush();
            List<String> lines = new ArrayList<>();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(END + " ")) {
                    return new Result(
                            Integer.parseInt(line.substring(END.length() + 1)),
                            String.join("\n", lines).strip());
                }
                lines.add(line);
            }
            throw new AssertionError("the shell ended: " + String.join("\n", lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
