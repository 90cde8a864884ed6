package dev.primacy.testbed;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.HostConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a node may do. It wants to be privileged; where this machine's own capabilities are bounded the engine refuses
 * that, and the node gets each capability that there is, by name.
 */
final class Privileges {
    /** By their numbers in linux/capability.h; engine 20.10 knows none of the later ones. */
    private static final List<String> NAMES = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "DAC_READ_SEARCH",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_MODULE",
            "SYS_RAWIO",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_PACCT",
            "SYS_ADMIN",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_RESOURCE",
            "SYS_TIME",
            "SYS_TTY_CONFIG",
            "MKNOD",
            "LEASE",
            "AUDIT_WRITE",
            "AUDIT_CONTROL",
            "SETFCAP",
            "MAC_OVERRIDE",
            "MAC_ADMIN",
            "SYSLOG",
            "WAKE_ALARM",
            "BLOCK_SUSPEND",
            "AUDIT_READ");

    private Privileges() {}

    /** Applies them; leaves a configuration that is already privileged as it is where the machine allows that. */
    static void grant(HostConfig host) {
        long bounding = boundingSet();
        if (IntStream.range(0, NAMES.size()).allMatch(bit -> has(bounding, bit))) {
            return;
        }
        host.withPrivileged(false)
                .withCapAdd(IntStream.range(0, NAMES.size())
                        .filter(bit -> has(bounding, bit))
                        .mapToObj(bit -> Capability.valueOf(NAMES.get(bit)))
                        .toArray(Capability[]::new))
                .withSecurityOpts(List.of("seccomp=unconfined", "apparmor=unconfined"))
                .withDevices(new Device("rwm", "/dev/kmsg", "/dev/kmsg"));
    }

    private static boolean has(long set, int bit) {
        return (set >>> bit & 1) == 1;
    }

    private static long boundingSet() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("CapBnd:"))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring("CapBnd:".length()).strip(), 16))
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
