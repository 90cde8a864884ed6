package dev.primacy.api.v1;

/**
 * PostgreSQL parameters that {@code spec.postgresql.parameters} may not set, in groups of one reason each, as CEL conditions over a
 * key {@code k}. Prefixes are refused where PostgreSQL gives a whole family one meaning. The reasons come from the section "Fixed
 * parameters" of the protocol.
 */
final class OwnedParameters {
    /** Who listens where, and the certificates: Services, pg_hba and the kubelet's probes build on them. */
    static final String NETWORK =
            "k in ['listen_addresses', 'port', 'hba_file', 'ident_file', 'unix_socket_directories',"
                    + " 'unix_socket_group', 'unix_socket_permissions', 'bonjour', 'bonjour_name', 'password_encryption',"
                    + " 'db_user_namespace', 'krb_server_keyfile', 'krb_caseins_users']"
                    + " || k.startsWith('ssl')";

    /** Where files lie, and what reads other files. */
    static final String FILES = "k in ['data_directory', 'config_file', 'external_pid_file', 'include', 'include_dir',"
            + " 'include_if_exists', 'event_source', 'cluster_name', 'allow_alter_system']";

    /** Replication and recovery: who follows whom is the operator's to say. */
    static final String REPLICATION = "k in ['synchronous_standby_names', 'hot_standby', 'wal_sender_timeout',"
            + " 'wal_receiver_timeout', 'wal_receiver_status_interval', 'wal_retrieve_retry_interval',"
            + " 'wal_receiver_create_temp_slot', 'max_wal_senders', 'max_replication_slots',"
            + " 'idle_replication_slot_timeout', 'sync_replication_slots', 'promote_trigger_file', 'restore_command']"
            + " || k.startsWith('primary_') || k.startsWith('primacy.')"
            + " || (k.startsWith('recovery_') && !(k in ['recovery_prefetch', 'recovery_init_sync_method']))";

    /**
     * CEL list of the values of {@code synchronous_commit}, in lower case, with which a commit waits until a synchronous standby has
     * flushed it. Not so with {@code off}, {@code local} and {@code remote_write}: with the last a standby has handed the commit to its
     * operating system, and loses it when its machine fails together with the primary's (PostgreSQL's manual on synchronous_commit).
     */
    static final String WAITING_COMMITS = "['on', 'remote_apply', 'true', 'yes', '1']";

    /** Archiving belongs to backups. */
    static final String ARCHIVE = "k.startsWith('archive_')";

    /** Logs go where kubectl logs finds them. */
    static final String LOGGING = "k in ['logging_collector', 'log_destination']";

    /** On a durable cluster these are never off; the Ephemeral profile turns them off itself. */
    static final String DURABILITY = "k in ['fsync', 'full_page_writes', 'wal_log_hints', 'data_sync_retry',"
            + " 'zero_damaged_pages', 'ignore_checksum_failure', 'ignore_invalid_pages', 'ignore_system_indexes']";

    /** How a crash is noticed and answered, and how the operator gets in. */
    static final String SUPERVISION =
            "k in ['restart_after_crash', 'track_activities', 'superuser_reserved_connections',"
                    + " 'exit_on_error', 'pre_auth_delay', 'post_auth_delay', 'session_preload_libraries',"
                    + " 'local_preload_libraries', 'default_transaction_read_only', 'transaction_read_only']";

    /** These have a field of their own. */
    static final String FIELDS = "k in ['shared_preload_libraries', 'max_slot_wal_keep_size']";

    /** What PostgreSQL fixes when it is built or by initdb. */
    static final String PRESET = "k in ['block_size', 'data_checksums', 'data_directory_mode', 'debug_assertions',"
            + " 'huge_pages_status', 'in_hot_standby', 'integer_datetimes', 'is_superuser', 'lc_collate', 'lc_ctype',"
            + " 'max_function_args', 'max_identifier_length', 'max_index_keys', 'num_os_semaphores', 'role',"
            + " 'segment_size', 'server_encoding', 'server_version', 'server_version_num', 'session_authorization',"
            + " 'shared_memory_size', 'shared_memory_size_in_huge_pages', 'wal_block_size', 'wal_segment_size']";

    private OwnedParameters() {}
}
