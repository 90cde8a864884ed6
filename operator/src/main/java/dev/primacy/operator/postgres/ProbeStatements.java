package dev.primacy.operator.postgres;

/** The text of what the probe asks. */
final class ProbeStatements {
    private ProbeStatements() {}

    /** Whether the startup process has replayed what there is, and waits for more. */
    static final String WAITS_FOR_LOG = "EXISTS (SELECT FROM pg_stat_get_activity(NULL) WHERE backend_type = 'startup'"
            + " AND wait_event IN ('RecoveryRetrieveRetryInterval', 'RecoveryWalStream'))";

    /**
     * A standby's timeline, where {@code w} is pg_stat_get_wal_receiver(): the greatest of what tells of one. The control file's lags until the next
     * restartpoint, the minimum recovery point's until a flush, and the walreceiver is not always there. Between a switch of timelines and the next
     * flush only the names of the segments tell of the new one; they are read where no walreceiver runs.
     */
    static final String STANDBY_TIMELINE = "GREATEST((SELECT timeline_id FROM pg_control_checkpoint()),"
            + " (SELECT min_recovery_end_timeline FROM pg_control_recovery()), w.received_tli,"
            + " CASE WHEN w.pid IS NULL THEN (SELECT max(('x' || left(name, 8))::bit(32)::int)"
            + " FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$') END)";

    /** An expression for the content of a file; NULL if there is none. The form with two arguments exists since 16 only. */
    static String file(String name) {
        return "pg_read_file(" + name + ", 0, 1000000, true)";
    }

    /**
     * {@code primacy_probe}, every second, and {@code primacy_settled}, which reads what a reload or an administrator changes.
     */
    static String prepare(int serverVersion) {
        // transaction_timeout exists since 17; unknown, it cannot be set.
        String limits = serverVersion >= 170000 ? "SET transaction_timeout = 0; " : "";
        return limits + PROBE + "; " + SETTLED;
    }

    /**
     * Functions rather than the views over them, which join pg_authid and pg_database and would wait for locks on those.
     *
     * <p>A new primary's control file lags, hence its timeline by the name of its current segment. The received LSN is NULL, or older than the
     * replayed one, after a restart. A standby has replayed what it has once its startup process waits for more.
     * The walreceiver stands in the activity while it still connects and tells nothing of itself.
     *
     * <p>The times, which never stand still, come first and by themselves: the rest is often as it was the last time.
     */
    private static final String PROBE = """
            PREPARE primacy_probe AS
            SELECT split_part(pg_read_file('/proc/uptime'), ' ', 1),
              (extract(epoch FROM clock_timestamp() - w.last_msg_receipt_time) * 1000)::bigint,
              json_build_object(
              'recovery', r.recovery,
              'loaded', pg_conf_load_time()::text,
              'epoch', current_setting('primacy.epoch', true),
              'config', current_setting('primacy.config', true),
              'promotable', current_setting('primacy.promotable', true),
              'conninfo', current_setting('primary_conninfo'),
              'slot', current_setting('primary_slot_name'),
              'synchronous', current_setting('synchronous_standby_names'),
              'solo', (pg_stat_file('primacy.solo', true)).size IS NOT NULL,
              'timeline', CASE WHEN r.recovery
                THEN %s
                ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,
              'lsn', CASE WHEN r.recovery
                THEN GREATEST(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                ELSE pg_current_wal_lsn() END,
              'replayed', CASE WHEN r.recovery THEN pg_last_wal_replay_lsn() END,
              'atEnd', r.recovery AND (w.status <> 'stopping' OR %s),
              'receiver', CASE
                WHEN w.pid IS NOT NULL THEN json_build_object('status', w.status, 'host', w.sender_host,
                  'received', w.flushed_lsn)
                WHEN r.recovery THEN (SELECT json_build_object('status', 'starting')
                  FROM pg_stat_get_activity(NULL) WHERE backend_type = 'walreceiver' LIMIT 1) END,
              'followers', CASE WHEN NOT r.recovery THEN
                (SELECT json_agg(json_build_object('member', a.application_name, 'state', s.state,
                          'sync', s.sync_state, 'sent', s.sent_lsn, 'flushed', s.flush_lsn, 'replayed', s.replay_lsn)
                          ORDER BY a.application_name)
                   FROM pg_stat_get_wal_senders() s JOIN pg_stat_get_activity(NULL) a USING (pid)
                   WHERE a.usesysid = to_regrole('primacy_replica')::oid AND s.state <> 'backup') END,
              'slots', (SELECT json_agg(json_build_object('name', slot_name, 'active', active,
                          'wal', wal_status, 'kept', restart_lsn) ORDER BY slot_name)
                   FROM pg_get_replication_slots() WHERE slot_type = 'physical' AND NOT temporary),
              'copies', CASE WHEN NOT r.recovery THEN
                (SELECT json_agg(json_build_object('member', member, 'kind', kind, 'streamed', streamed, 'total', total)
                          ORDER BY member)
                   FROM (SELECT split_part(a.application_name, ':', 1) AS kind, split_part(a.application_name, ':', 2) AS member,
                           max(b.param3) AS streamed, max(NULLIF(b.param2, -1)) AS total
                         FROM pg_stat_get_activity(NULL) a LEFT JOIN pg_stat_get_progress_info('BASEBACKUP') b USING (pid)
                         WHERE a.usesysid = to_regrole('primacy_replica')::oid AND a.application_name ~ '^(clone|rewind):'
                         GROUP BY 1, 2) c) END)
            FROM (SELECT pg_is_in_recovery() AS recovery) r, pg_stat_get_wal_receiver() w""".formatted(STANDBY_TIMELINE, WAITS_FOR_LOG);

    /**
     * A reload for another reason loads the mounted files too, and then PostgreSQL leaves out what it rejects; they do not count
     * as loaded as long as it would. Five parameters may run with more than the files ask for (rule 9b): since the files have just been changed, or since
     * the control file demanded it at the start. The certificate counts as loaded when the files have not changed since the configuration was read. Kubernetes projects
     * a Secret by exchanging a symbolic link; pg_stat_file follows it to the files, whose times are those of the projection,
     * in whole seconds.
     */
    private static final String SETTLED = """
            PREPARE primacy_settled AS
            SELECT json_build_object(
              'rejected', EXISTS (""" + Reloading.ERRORS + """
            ),
              'pending', (SELECT json_agg(name ORDER BY name) FROM pg_settings WHERE pending_restart),
              'lowered', (SELECT json_agg(s.name ORDER BY s.name) FROM pg_settings s
                WHERE s.name IN ('max_connections', 'max_worker_processes',
                  'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction')
                AND s.setting::bigint > COALESCE((SELECT f.setting::bigint FROM pg_file_settings f
                  WHERE f.name = s.name ORDER BY f.seqno DESC LIMIT 1), s.boot_val::bigint)),
              'certificate', CASE WHEN current_setting('ssl')::bool
                AND (pg_stat_file(current_setting('ssl_cert_file'))).modification + interval '1 second'
                  <= pg_conf_load_time()
                THEN encode(sha256(pg_read_binary_file(current_setting('ssl_cert_file'))
                  || pg_read_binary_file(current_setting('ssl_ca_file'))), 'hex') END)""";
}
