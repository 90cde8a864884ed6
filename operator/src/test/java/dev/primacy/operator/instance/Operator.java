package dev.primacy.operator.instance;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The operator's probe session on one member, which gives grants. */
final class Operator implements AutoCloseable {

    private final Connection session;

    Operator(Member member) throws SQLException {
        session = member.operator();
    }

    /** The member's boot clock, in seconds. */
    BigDecimal clock() throws SQLException {
        return new BigDecimal(query("SELECT split_part(pg_read_file('/proc/uptime'), ' ', 1)"));
    }

    void grant(int epoch, BigDecimal from) throws SQLException {
        query("/* grant %d %s */ SELECT 1".formatted(epoch, from.toPlainString()));
    }

    void grantNow(int epoch) throws SQLException {
        grant(epoch, clock());
    }

    String query(String sql) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
