package dev.primacy.testbed;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The command behind {@code ./dev cluster}. */
public final class Main {
    private static final String USAGE =
            "usage: up [IMAGE…] | down | status | load IMAGE… | disconnect|reconnect|freeze|thaw|power-off|power-on|destroy NODE";

    private Main() {}

    public static void main(String[] arguments) {
        try {
            System.exit(run(List.of(arguments)));
        } catch (TestbedException e) {
            System.err.println("✗ " + e.getMessage());
            System.exit(1);
        }
    }

    private static int run(List<String> arguments) {
        if (arguments.isEmpty()) {
            System.err.println(USAGE);
            return 2;
        }
        List<String> operands = arguments.subList(1, arguments.size());
        switch (arguments.getFirst()) {
            case "up" -> load(Testbed.up(), operands);
            case "load" -> load(existing(), operands);
            case "down" -> {
                Testbed.down();
                System.err.println("• The test bed is gone");
            }
            case "status" -> {
                return status();
            }
            default -> {
                return fault(arguments.getFirst(), operands);
            }
        }
        return 0;
    }

    private static void load(Testbed testbed, List<String> images) {
        for (String image : images) {
            long start = System.nanoTime();
            testbed.loadImage(image);
            System.err.printf(
                    Locale.ROOT, "• %s is on every worker (%.1f s)%n", image, (System.nanoTime() - start) / 1e9);
        }
    }

    private static int status() {
        return Testbed.find()
                .map(testbed -> {
                    Set<String> ready = ready(testbed);
                    testbed.nodes()
                            .forEach(node -> System.out.printf(
                                    "%-14s %-16s %-8s %s%n",
                                    node.name(),
                                    node.address(),
                                    testbed.containerState(node),
                                    ready.contains(node.name()) ? "Ready" : "NotReady"));
                    System.out.println("kubeconfig: " + testbed.kubeconfig());
                    return ready.size() == testbed.nodes().size() ? 0 : 1;
                })
                .orElseGet(() -> {
                    System.out.println("There is no test bed. ./dev cluster up starts one.");
                    return 1;
                });
    }

    private static Set<String> ready(Testbed testbed) {
        try {
            return testbed.readyNodes();
        } catch (RuntimeException e) {
            System.err.println("✗ The API server does not answer: " + e.getMessage());
            return Set.of();
        }
    }

    private static int fault(String name, List<String> operands) {
        if (operands.size() != 1) {
            System.err.println(USAGE);
            return 2;
        }
        Testbed testbed = existing();
        Node node = testbed.node(operands.getFirst());
        Faults faults = testbed.faults();
        switch (name) {
            case "disconnect" -> faults.disconnect(node);
            case "reconnect" -> faults.reconnect(node);
            case "freeze" -> faults.freeze(node);
            case "thaw" -> faults.thaw(node);
            case "power-off" -> faults.powerOff(node);
            case "power-on" -> faults.powerOn(node);
            case "destroy" -> faults.destroy(node);
            default -> {
                System.err.println(USAGE);
                return 2;
            }
        }
        System.err.printf("• %s: %s%n", node.name(), name);
        return 0;
    }

    private static Testbed existing() {
        return Testbed.find()
                .orElseThrow(() -> new TestbedException("There is no test bed. ./dev cluster up starts one."));
    }
}
