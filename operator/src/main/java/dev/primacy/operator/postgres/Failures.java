package dev.primacy.operator.postgres;

import dev.primacy.operator.model.Probe;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import javax.net.ssl.SSLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What the driver throws, turned into values and words. No message of PostgreSQL's carries a password or a key. */
final class Failures {
    /** SQLSTATE cannot_connect_now: starting up, shutting down, or not consistent yet. */
    private static final String CANNOT_CONNECT_NOW = "57P03";

    private static final String TOO_MANY_CONNECTIONS = "53300";
    private static final String ADMIN_SHUTDOWN = "57P01";

    private Failures() {}

    static Probe probe(SQLException failure) {
        return CANNOT_CONNECT_NOW.equals(failure.getSQLState())
                ? new Probe.Starting(words(failure))
                : new Probe.Unreachable(words(failure), refused(failure));
    }

    private static boolean refused(SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof NoRouteToHostException) {
                return false;
            }
            if (cause instanceof ConnectException) {
                return true;
            }
        }
        return false;
    }

    static Outcome outcome(String what, SQLException failure) {
        return new Outcome.Failed(what + ": " + words(failure));
    }

    static String words(SQLException failure) {
        if (failure instanceof Connector.WrongServerException) {
            return message(failure);
        }
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        return switch (state) {
            case TOO_MANY_CONNECTIONS -> "all connections are taken, those reserved for superusers too";
            case ADMIN_SHUTDOWN -> "the session was ended by an administrator, another operator or a shutdown";
            default ->
                failure instanceof PSQLException fromServer && fromServer.getServerErrorMessage() != null
                        ? words(fromServer.getServerErrorMessage())
                        : withoutServer(failure);
        };
    }

    private static String words(ServerErrorMessage error) {
        String detail = error.getDetail();
        return error.getMessage() + (detail == null ? "" : " (" + detail + ")");
    }

    private static String withoutServer(SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case SocketTimeoutException timeout -> {
                    return "no answer in time";
                }
                case SQLTimeoutException timeout -> {
                    return "no answer in time";
                }
                case NoRouteToHostException route -> {
                    return "no route to its address";
                }
                case ConnectException refused -> {
                    return "the connection was refused: nothing listens there";
                }
                case SSLException tls -> {
                    return "TLS failed: " + message(tls);
                }
                default -> {}
            }
        }
        return "the connection broke: " + message(failure);
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
