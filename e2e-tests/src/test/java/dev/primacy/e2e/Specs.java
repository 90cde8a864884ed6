package dev.primacy.e2e;

/** Specs that many tests begin with. */
final class Specs {
    static final String ON_CLAIMS = "storage: {data: {persistentVolumeClaim: {size: 1Gi}}}";
    static final String ON_EMPTY_DIR = "storage: {data: {emptyDir: {}}}";

    /** A member on a claim: what it was initialised with survives its pod. */
    static final String ONE = "instances: 1\n" + ON_CLAIMS;

    static final String TWO = "instances: 2\n" + ON_CLAIMS;
    static final String THREE = "instances: 3\n" + ON_CLAIMS;
    static final String SYNCHRONOUS = "\nreplication: {mode: Synchronous}";
    static final String EPHEMERAL = "profile: Ephemeral";

    private Specs() {}
}
