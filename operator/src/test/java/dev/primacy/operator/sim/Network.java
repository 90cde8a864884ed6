package dev.primacy.operator.sim;

/** Nodes, the control plane, and the directed ways between them. */
final class Network {
    final int nodes;
    /** The control plane's place. */
    final int control;

    private final int[] cut;
    final boolean[] off;
    final boolean[] frozen;
    final boolean[] kubeletDead;
    final boolean[] cordoned;
    final boolean[] outOfService;
    final long[] thawedAt;
    /** How fast the clocks of each node run; and when it booted, since its boot clock begins again then. */
    final double[] rate;

    private final long[] bootedAt;
    /** When it was switched on last. */
    private final long[] switchedOn;

    private final java.util.List<java.util.List<Runnable>> thaw = new java.util.ArrayList<>();

    Network(int nodes) {
        this.nodes = nodes;
        this.control = nodes;
        this.cut = new int[(nodes + 1) * (nodes + 1)];
        this.off = new boolean[nodes + 1];
        this.frozen = new boolean[nodes + 1];
        this.kubeletDead = new boolean[nodes + 1];
        this.cordoned = new boolean[nodes + 1];
        this.outOfService = new boolean[nodes + 1];
        this.thawedAt = new long[nodes + 1];
        java.util.Arrays.fill(thawedAt, Long.MIN_VALUE / 2);
        this.rate = new double[nodes + 1];
        java.util.Arrays.fill(rate, 1);
        this.bootedAt = new long[nodes + 1];
        this.switchedOn = new long[nodes + 1];
        // Some have been up longer than others.
        for (int node = 0; node <= nodes; node++) {
            bootedAt[node] = -10_000_000L * node;
        }
        for (int node = 0; node <= nodes; node++) {
            thaw.add(new java.util.ArrayList<>());
        }
    }

    /** What goes on when the node's time does. */
    void onThaw(int node, Runnable event) {
        thaw.get(node).add(event);
    }

    void thaw(int node, long now) {
        frozen[node] = false;
        thawedAt[node] = now;
        java.util.List<Runnable> due = java.util.List.copyOf(thaw.get(node));
        thaw.get(node).clear();
        due.forEach(Runnable::run);
    }

    /** The node's boot clock, /proc/uptime. */
    long clock(int node, long now) {
        return (long) ((now - bootedAt[node]) * rate[node]);
    }

    /** How long it really takes until the node's clock has advanced so far. */
    long real(int node, long duration) {
        return duration > Long.MAX_VALUE / 4 ? duration : (long) Math.ceil(duration / rate[node]);
    }

    /** From now on its clock runs at another pace, and shows what it showed. */
    void drift(int node, double pace, long now) {
        long shows = clock(node, now);
        rate[node] = pace;
        bootedAt[node] = now - (long) (shows / pace);
    }

    void boot(int node, long now) {
        off[node] = false;
        bootedAt[node] = now;
        switchedOn[node] = now;
    }

    boolean bootedSince(int node, long then) {
        return switchedOn[node] > then;
    }

    /** Faults overlap, so cuts are counted. */
    void cut(int from, int to, int by) {
        cut[from * (nodes + 1) + to] += by;
    }

    /** Whether a packet sent now arrives: a frozen node receives into its buffers, one that is off does not. */
    boolean reaches(int from, int to) {
        return from == to ? !off[from] : cut[from * (nodes + 1) + to] == 0 && !off[from] && !off[to];
    }

    boolean both(int one, int other) {
        return reaches(one, other) && reaches(other, one);
    }

    boolean runs(int node) {
        return !off[node] && !frozen[node];
    }
}
