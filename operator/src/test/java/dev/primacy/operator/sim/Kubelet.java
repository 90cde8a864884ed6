package dev.primacy.operator.sim;

import dev.primacy.operator.model.PodView.Container;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The kubelets: they start, restart and stop containers, and report – if they live and are heard. */
final class Kubelet {
    private final Simulation sim;
    private final Map<Instance, List<String>> unreported = new HashMap<>();
    private final Map<Instance, Integer> restarts = new HashMap<>();

    Kubelet(Simulation sim) {
        this.sim = sim;
    }

    boolean works(int node) {
        return sim.network.runs(node) && !sim.network.kubeletDead[node];
    }

    void start(Instance instance) {
        sim.time.after(sim.time.between(100, 900), () -> {
            if (instance.gone) {
                return;
            }
            if (!works(instance.node) || !sim.network.reaches(sim.network.control, instance.node)) {
                start(instance);
                return;
            }
            instance.startContainer();
        });
    }

    void report(Instance instance) {
        sim.time.after(sim.time.between(30, 400), () -> post(instance));
    }

    private void post(Instance instance) {
        if (!works(instance.node) || !sim.api.reachedFrom(instance.node)) {
            sim.time.after(sim.time.between(700, 1_300), () -> post(instance));
            return;
        }
        List<String> ends = unreported.remove(instance);
        Container container = instance.containerRuns
                ? new Container.Running(Simulation.BEGINNING.plusMillis(sim.time.now))
                : instance.container.isEmpty()
                        ? new Container.Waiting("ContainerCreating", "", 0)
                        : new Container.Terminated(instance.container, 137, "Error", "", Simulation.BEGINNING);
        sim.api.report(instance, container, ends == null ? List.of() : ends);
        if (instance.gone) {
            sim.api.forget(instance);
        }
    }

    /** A container's processes are all dead; what becomes of it the kubelet of its node decides. */
    void ended(Instance instance, String container) {
        unreported.computeIfAbsent(instance, absent -> new ArrayList<>()).add(container);
        report(instance);
        if (!instance.gone) {
            restart(instance);
        }
    }

    private void restart(Instance instance) {
        restart(instance, sim.time.now);
    }

    /** A node that was off asks the API server which pods are its own, and starts no other. */
    private void restart(Instance instance, long ended) {
        int times = restarts.merge(instance, 1, Integer::sum);
        sim.time.after(
                times == 1 ? sim.time.between(200, 1_000) : Math.min(20_000, 1_000L << Math.min(5, times)), () -> {
                    if (instance.gone || instance.containerRuns) {
                        return;
                    }
                    boolean rebooted = sim.network.bootedSince(instance.node, ended);
                    if (!works(instance.node) || (rebooted && !sim.api.reachedFrom(instance.node))) {
                        restarts.merge(instance, -1, Integer::sum);
                        restart(instance, ended);
                        return;
                    }
                    if (rebooted && sim.api.instance(instance.member) != instance) {
                        instance.gone = true;
                        return;
                    }
                    instance.startContainer();
                });
    }

    /** The pod is to go: SIGTERM, a bounded stop, and the end; once the kubelet hears of it. */
    void stop(Instance instance) {
        sim.time.after(sim.time.between(50, 500), () -> {
            if (instance.gone) {
                return;
            }
            if (!works(instance.node) || !sim.network.reaches(sim.network.control, instance.node) || !sim.api.up) {
                sim.time.after(1_000, () -> stop(instance));
                return;
            }
            sim.time.after(sim.time.chance(0.8) ? sim.time.between(30, 800) : sim.time.between(800, 8_000), () -> {
                if (instance.gone) {
                    return;
                }
                if (!sim.network.runs(instance.node)) {
                    stop(instance);
                    return;
                }
                instance.gone = true;
                if (instance.containerRuns) {
                    instance.endContainer();
                } else {
                    report(instance);
                }
            });
        });
    }
}
