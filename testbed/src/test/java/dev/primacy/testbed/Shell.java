package dev.primacy.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Runs parts of ./dev in a folder of their own, where the test's programs go before those of the machine. */
record Shell(Path folder) {
    private static final Path SCRIPTS = Path.of("scripts").toAbsolutePath();

    /** @param said on whichever stream, where the process has them joined */
    record Run(int exitCode, String said) {
        /** Of a process that has its standard error in its output; waits for its end. */
        static Run of(Process process) throws IOException, InterruptedException {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Run(process.waitFor(), said);
        }
    }

    /** The commands, after the parts of ./dev that they need; {@code $root} is the folder {@code work}. */
    Run bash(List<String> parts, String commands) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        "-c",
                        "set -euo pipefail; root=$PWD; for part in " + String.join(" ", parts)
                                + "; do . \"$SCRIPTS/$part.sh\"; done; " + commands)
                .directory(Files.createDirectories(folder.resolve("work")).toFile())
                .redirectErrorStream(true);
        builder.environment().put("SCRIPTS", SCRIPTS.toString());
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        builder.environment().merge("PATH", folder.resolve("bin").toString(), (path, first) -> first + ":" + path);
        return Run.of(builder.start());
    }

    void program(String path, String commands) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/bash\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
