package dev.primacy.operator.model;

/** The names of everything that belongs to a cluster; each is made in this one place. They are for ever. */
public record Names(String namespace, String cluster) {

    public String member(int ordinal) {
        return cluster + "-" + ordinal;
    }

    /** @throws NumberFormatException if {@code member} is not one of this cluster's names */
    public int ordinal(String member) {
        return Integer.parseInt(member.substring(cluster.length() + 1));
    }

    /** A StatefulSet has the name of its member, hence its only pod ends in -0. */
    public String pod(String member) {
        return member + "-0";
    }

    public String claim(String member) {
        return "data-" + member;
    }

    /** The member's own DNS name, for replication; never the Service of the primary (rule 8). */
    public String host(String member) {
        return pod(member) + "." + membersService() + "." + namespace + ".svc";
    }

    /** Slot names admit lower-case letters, digits and underscores only. */
    public static String slot(String member) {
        return member.replace('-', '_');
    }

    public String readWriteService() {
        return cluster + "-rw";
    }

    public String readOnlyService() {
        return cluster + "-ro";
    }

    public String readService() {
        return cluster + "-r";
    }

    public String membersService() {
        return cluster + "-members";
    }

    public String readWriteHost() {
        return readWriteService() + "." + namespace + ".svc";
    }

    public String readOnlyHost() {
        return readOnlyService() + "." + namespace + ".svc";
    }

    public String appSecret() {
        return cluster + "-app";
    }

    public String caSecret() {
        return cluster + "-ca";
    }

    public String serverSecret() {
        return cluster + "-tls";
    }

    public String replicationSecret() {
        return cluster + "-replication";
    }

    public String operatorSecret() {
        return cluster + "-operator";
    }

    public String configMap() {
        return cluster + "-config";
    }

    public String disruptionBudget() {
        return cluster + "-primary";
    }

    public String networkPolicy() {
        return cluster;
    }
}
