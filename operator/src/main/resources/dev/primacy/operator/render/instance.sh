#!/bin/bash
# instance.sh - PID 1 of a PostgreSQL pod. It starts postgres, fences it, and starts it again; it never decides who is primary.
#
# Two laws, from docs/high-availability.md:
#   - No member becomes writable by itself: postgres is started with standby.signal, unless the cluster has one member ("solo").
#   - A primary that has neither the operator's leave (grant) nor enough of its promotable peers is killed (fence).
#
# It is bash, so that the stock image suffices. The loop that fences forks nothing while all is well.
set -uo pipefail
shopt -s nullglob

VOLUME=${PGDATA%/*}                       # the data directory is renamed into place, so it is a directory in the volume
RUN=/run/primacy
SOCKET=$RUN/socket
MOUNTED=/etc/primacy/config               # postgresql.conf, pg_hba.conf, pg_ident.conf, as the operator rendered them
LAST_GOOD=$VOLUME/last-good               # their copies with which postgres last came up
TRIED=$RUN/tried                          # the mounted files that were tried last
MARKER=$VOLUME/unfinished                 # "<rewind|clone> <source>": the data directory is not to be started
DONE=$VOLUME/instruction.done             # id of the last instruction obeyed
INITIALISED=$RUN/initialised              # the leave to initdb, which stays in this pod's environment, is used up
ROLE=/etc/primacy/pod/role                # empty until the cluster has had a primary; outlives a reboot, which empties memory
SOLO=$PGDATA/primacy.solo
SIGNAL=$PGDATA/standby.signal
AUTO=$PGDATA/postgresql.auto.conf
INSTRUCTION=/etc/primacy/pod/instruction

# Times are in hundredths of a second on the boot clock, as /proc/uptime counts them.
SECOND=100
TTL=$((${PRIMACY_TTL_SECONDS:-6} * SECOND))
STOP=$((${PRIMACY_STOP_SECONDS:-8} * SECOND))
WAL_SENDER_TIMEOUT=$((5 * SECOND))        # fixed by the operator in postgresql.conf

# What must not be lower on a standby than it was under the WAL that it replays (rule 9b), with PostgreSQL's defaults.
declare -A MATCHED=([max_connections]=100 [max_worker_processes]=8 [max_wal_senders]=10 [max_prepared_transactions]=0
  [max_locks_per_transaction]=64)

# Before Debian's wrappers of the same names, which the official images have first: each start of one is a start of perl.
bin=$(command -v postgres) && PATH=${bin%/*}:$PATH
export PGPORT=${PGPORT:-5432} PGCONNECT_TIMEOUT=2 LC_ALL=${LC_ALL:-C.UTF-8}
unset PGHOST PGUSER                       # for who comes by kubectl exec; a dblink of PostgreSQL's must not take them for its own

postmaster=0                              # its pid; 0: not running
asked=                                    # exit | restart | lower: what a signal or the operator asked for
verb='' source='' ordered=0               # a rewind or clone that the operator instructed, and under which epoch
spared=0                                  # when it last had no need of a leave: standby, solo, or P was itself
grant=0                                   # the greatest `from` of a grant seen
crashes=0
declare -A reply moved                    # peer -> its last reply_time, and when (our clock) it last was another

# Where nobody reads the log any more – the container runtime hangs, say – whoever writes to it waits for ever: while postgres runs not we,
# who have to fence it.
log() { if ((postmaster)); then printf 'primacy: %s\n' "$*" >&2 & else printf 'primacy: %s\n' "$*" >&2; fi; }
phase() { echo "$1" >"$RUN/phase"; }
refuse() { phase refused; log "refused: $*"; echo "$*" 2>/dev/null >>/dev/termination-log; exit "${code:-3}"; }

clock() { local up; read -r up _ </proc/uptime; now=$((10#${up/./})); }

# Waits that many hundredths of a second, or until a signal or the end of a child; forks nothing.
nap() {
  local seconds
  printf -v seconds '%d.%02d' $(($1 / SECOND)) $(($1 % SECOND))
  read -r -t "$seconds" -u "$events" _ && while read -r -t 0 -u "$events" _ && read -r -u "$events" _; do :; done
}

# In the background and awaited, since bash runs a trap only when a foreground child has ended.
run() { "$@" <&0 & wait $!; }

# ---------------------------------------------------------------------------------------------------- facts

# Sets `value` to what the files last give to a parameter, else to the default.
setting() { # name default file...
  local name=$1 line file
  value=$2
  shift 2
  for file; do
    while IFS= read -r line || [[ $line ]]; do
      [[ $line =~ ^[[:space:]]*${name}[[:space:]]*(=|[[:space:]])[[:space:]]*\'?([^\'#]*[^\'#[:space:]])?\'? ]] && value=${BASH_REMATCH[2]}
    done 2>/dev/null <"$file"
  done
}

number() { setting "$@"; [[ $value =~ ^[0-9]{1,18}$ ]] && value=$((10#$value)) || value=$2; }

epoch() { number primacy.epoch 0 "$AUTO"; }

controldata() { LC_ALL=C pg_controldata -D "$PGDATA" 2>/dev/null | sed -n "s/^$1: *//p"; }

# A kind of its own before the name: what a copy fetches of the log does not count as a standby that has it.
source_conninfo() { # host [clone|rewind]
  # The CA of the server's certificate; that in tls/ signs the clients', and a user may give the server another.
  echo "host=$1 port=$PGPORT user=primacy_replica sslmode=verify-ca sslrootcert=/etc/primacy/replication/ca.crt" \
    "sslcert=/etc/primacy/replication/tls.crt sslkey=/etc/primacy/replication/tls.key gssencmode=disable connect_timeout=3 tcp_user_timeout=5000" \
    ${2:+"application_name=$2:$PRIMACY_MEMBER"} \
    "options=-ctcp_user_timeout=10s"   # else a walsender waits for a frozen standby, and a checkpoint for the walsender
}

# ---------------------------------------------------------------------------------------------------- identity

# What makes a data directory this member's and nobody else's: of the source's ALTER SYSTEM only the epoch stays.
take_identity() { # directory least-epoch [whom-to-follow]
  number primacy.epoch 0 "$1/postgresql.auto.conf"
  chmod 0700 "$1"
  rm -f "$1/primacy.solo"
  {
    echo "# Written by primacy after a clone or rewind."
    echo "primacy.epoch = '$((value > $2 ? value : $2))'"
    [[ ${3:-} ]] && printf "%s = '%s'\n" primary_conninfo "$(source_conninfo "$3")" primary_slot_name "$PRIMACY_SLOT"
  } >"$1/postgresql.auto.conf"
  : >"$1/standby.signal"
  sync "$1/postgresql.auto.conf" "$1/standby.signal" "$1"
}

# A former primary must not stream by an old conninfo (rule 9), nor trust an old promotable set once it is promoted again.
# The lines become comments of the same length, in place: that works on a full disk, and any mixture of old and new is whole.
become_standby() {
  local text
  [[ -e $SIGNAL ]] && return
  text=$(sed -E 's/^p(rimary_conninfo|rimary_slot_name|rimacy\.promotable)\b/#\1/' "$AUTO" 2>/dev/null)
  [[ $text ]] && printf '%s\n' "$text" 1<>"$AUTO" && sync "$AUTO"
  : >"$SIGNAL" || refuse "$SIGNAL cannot be made, without which it would start as primary by itself; is the volume full, or read-only?"
  sync "$SIGNAL" "$PGDATA"
}

put() { # file text: durably
  echo "$2" >"$1.new" && sync "$1.new" && mv "$1.new" "$1" && sync "$VOLUME"
}

# ---------------------------------------------------------------------------------------------------- start table

prepare() {
  local id
  read_instruction
  # Who has voted or been promoted under a newer epoch since it was read must not be wiped for it; the operator asks again.
  epoch
  ((ordered >= value)) || verb='' source=''
  id=$(controldata 'Database system identifier')
  if [[ $id && ${PRIMACY_SYSTEM_ID:-} && $id != "$PRIMACY_SYSTEM_ID" ]]; then
    refuse "the volume holds system identifier $id, the cluster's is $PRIMACY_SYSTEM_ID; nothing was touched. Give this member its own volume, or remove that data."
  elif [[ -e $MARKER ]]; then
    read -r _ source <"$MARKER"
    clone
  elif empty && [[ ${PRIMACY_INITDB:-} == true && -z ${PRIMACY_SYSTEM_ID:-} && ! -e $INITIALISED && ! -s $ROLE ]]; then
    init
  elif empty && [[ ${PRIMACY_SOLO:-} == true && $verb != clone ]]; then
    refuse "$PRIMACY_MEMBER has no data: $PGDATA is empty, and no other member has a copy. Nothing was made in its place. Put the data back on the volume, or delete the PostgresCluster and its claim and create it again for an empty database."
  elif empty; then
    clone
  elif [[ $verb == clone ]]; then
    clone clone || { prepare; return; }
  elif [[ -z $id ]]; then
    # It may be the only copy. Where it is not, the operator knows by this code, and orders a clone.
    code=5 refuse "$PGDATA is neither empty nor a data directory that pg_controldata can read; nothing was touched. Ask for a rebuild of $PRIMACY_MEMBER."
  elif [[ $verb == rewind ]]; then
    rewind || { [[ $verb == rewind ]] && clone rewind; } || { prepare; return; }
  elif [[ -e $SOLO ]]; then
    rm -f "$SIGNAL"
  else
    become_standby
  fi
  verb='' source=''
  chmod 0700 "$PGDATA"
  rm -f "$PGDATA/postmaster.pid" "$SOCKET"/.s.PGSQL.*       # stale: we hold the volume's lock
}

empty() { local entries=("$PGDATA"/*); ((${#entries[@]} == 0)); }

init() {
  local new=$VOLUME/pgdata.new options=() matched=() name
  phase initdb
  mapfile -t options <<<"${PRIMACY_INITDB_OPTIONS:-}"
  [[ ${options[*]} ]] || options=()
  rm -rf "$new"
  run "${named[@]}" initdb --pgdata="$new" --username=postgres --auth=reject --data-checksums --no-sync --no-instructions \
    ${options[@]+"${options[@]}"} || refuse "initdb failed${options[*]:+ with the options ${options[*]}}; its own words are in the log above. Mend spec.bootstrap, or make storage.data larger if there was no room."
  # The settings that standbys must match are in the WAL from the start, else lower ones than initdb's would wait for rule 9b.
  for name in "${!MATCHED[@]}"; do
    number "$name" "${MATCHED[$name]}" "$MOUNTED/postgresql.conf"
    matched+=(-c "$name=$value")
  done
  # One statement a line: that is how a single-user postgres reads. pg_rewind needs the four functions.
  run "${named[@]}" postgres --single -D "$new" -c fsync=off -c exit_on_error=on "${matched[@]}" postgres >/dev/null <<'SQL' || refuse "the roles primacy and primacy_replica could not be made"
CREATE ROLE primacy SUPERUSER LOGIN
CREATE ROLE primacy_replica REPLICATION LOGIN
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean) TO primacy_replica
GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_file(text, boolean) TO primacy_replica
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text) TO primacy_replica
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO primacy_replica
SQL
  if [[ ${PRIMACY_SOLO:-} == true ]]; then : >"$new/primacy.solo"; else : >"$new/standby.signal"; fi
  settle "$new"
  : >"$INITIALISED"
}

# A finished data directory takes its place; one sync of the file system is far cheaper than a thousand of files.
settle() {
  chmod 0700 "$1"
  # The kernel reports what could not be written once. What was lost would be found only when it is read.
  [[ ${PRIMACY_PROFILE:-} == Ephemeral ]] || sync -f "$1" || refuse "the new data directory could not be written to the disk; see the node's kernel log"
  rm -rf "$PGDATA" && mv "$1" "$PGDATA" && sync "$VOLUME"
}

# Far cheaper than a psql that is refused: those who wait for the first member would take the processor from its initdb.
# shellcheck disable=SC2016  # the inner bash expands them
listens() { timeout 5 bash -c ': <>"/dev/tcp/$0/$1"' "$1" "$PGPORT" 2>/dev/null; }

# Whether another instruction came while the one for a copy waits. What has been begun all the same the marker tells.
superseded() { [[ $1 && $verb != "$1" ]]; }

# Waits until the source answers, is of this cluster, and has our slot; only then may anything be wiped.
await_source() {
  local want=$1 said='' line answer
  while :; do
    read_instruction
    superseded "$2" && return 1
    source=${source:-${PRIMACY_SOURCE_HOST:?}}
    answer='nothing listens there'
    listens "$source" && answer=$(timeout 5 psql "$(source_conninfo "$source") replication=true" -XAtq \
      -c IDENTIFY_SYSTEM -c "READ_REPLICATION_SLOT $PRIMACY_SLOT" 2>&1)
    IFS='|' read -r id timeline _ <<<"${answer%%$'\n'*}"
    if ! [[ $id =~ ^[0-9]+$ ]]; then line="waiting for $source: ${answer%%$'\n'*}"
    elif [[ $want && $id != "$want" ]]; then line="waiting: $source has system identifier $id, the cluster's is $want; nothing is wiped"
    elif [[ ${answer##*$'\n'} != physical* ]]; then line="waiting for replication slot $PRIMACY_SLOT on $source"
    else return 0
    fi
    [[ $line == "$said" ]] || log "$line"
    said=$line
    nap 20
  done
}

clone() { # [clone|rewind]: where that is the instruction, so that there may be data to start on
  local new=$VOLUME/pgdata.new id timeline own=0
  phase clone
  [[ -e $AUTO ]] && epoch && own=$value
  id=${PRIMACY_SYSTEM_ID:-$(controldata 'Database system identifier')}
  until await_source "$id" "${1:-}" && {
    [[ -e $MARKER ]] || put "$MARKER" "clone $source" || : >"$MARKER"     # empty on a full disk
    [[ -e $MARKER ]] && rm -rf "$new" "$PGDATA"
    log "cloning from $source"
    run pg_basebackup -d "$(source_conninfo "$source" clone)" -D "$new" -X stream -S "$PRIMACY_SLOT" --checkpoint=fast --no-password --no-sync
  }; do
    superseded "${1:-}" && return 1
    nap $SECOND
  done
  # It follows at once: where the source has many subtransactions open, no connection is accepted before it has more of the log.
  take_identity "$new" "$own" "$source"
  settle "$new"
  obeyed
  rm -f "$MARKER"
  log "cloned from $source"
}

# Only a cleanly stopped directory can be rewound, and the crash recovery that pg_rewind itself would do keeps standby.signal in the way.
rewind() {
  local id timeline own said=0 segment name
  phase rewind
  epoch && own=$value
  await_source "$(controldata 'Database system identifier')" rewind || return 1
  if [[ $(controldata 'Database cluster state') != 'shut down'* ]]; then
    rm -f "$SIGNAL" "$PGDATA/postmaster.pid"
    if [[ -d $LAST_GOOD ]]; then configure "$LAST_GOOD"; else configure "$MOUNTED"; fi
    run "${named[@]}" postgres --single "${arguments[@]}" template1 </dev/null >/dev/null || { log "recovery before the rewind failed"; return 1; }
  fi
  # Before 16 pg_rewind reads the source's timeline from its control file, which names the new one only after a checkpoint.
  while [[ $(timeout 5 psql "$(source_conninfo "$source") dbname=postgres" -XAtqc 'SELECT timeline_id FROM pg_control_checkpoint()') != "$timeline" ]]; do
    ((said++)) || log "waiting for the first checkpoint of $source on timeline $timeline"
    ((said < 150)) || return 1
    nap 20
  done
  put "$MARKER" "rewind $source" || : >"$MARKER" || return 1                # empty on a full disk
  log "rewinding to $source"
  # In English, whatever LANGUAGE the image sets: its words are read below.
  run env LC_ALL=C pg_rewind --target-pgdata="$PGDATA" --source-server="$(source_conninfo "$source" rewind) dbname=postgres" >"$RUN/rewind.log" 2>&1
  said=$?
  sed 's/^/primacy: /' "$RUN/rewind.log" >&2
  # "No rewind required" would be a silent divergence, since the operator has seen one: pg_rewind sees none on the source's own
  # timeline, takes a standby (before 16) to be on that of its last restartpoint, and knows nothing of our recovery's checkpoint.
  [[ $said != 0 || $(<"$RUN/rewind.log") == *'no rewind required'* ]] && return 1
  # It leaves segments of the timeline that was given up. Their names would tell the operator that we are still on it; and if
  # that number were given again, recovery would take them for the new owner's.
  for segment in "$PGDATA"/pg_wal/????????????????????????; do
    name=${segment##*/}
    ((16#${name::8} > timeline)) && rm -f "$segment"
  done
  # What the source wrote during the rewind has yet to come from it; before that no connection is accepted, so nobody could say so.
  take_identity "$PGDATA" "$own" "$source"
  obeyed
  rm -f "$MARKER"
}

# ---------------------------------------------------------------------------------------------------- start

# Sets `arguments` for the files of a directory. Five parameters may not be lower than they were under the WAL that a
# standby replays, else it refuses to start (rule 9b).
configure() { # directory [lower]
  local field have name
  config=$1
  arguments=(-D "$PGDATA" -c "config_file=$config/postgresql.conf" -c "hba_file=$config/pg_hba.conf" -c "ident_file=$config/pg_ident.conf"
    -c "cluster_name=$PRIMACY_MEMBER" -c "unix_socket_directories=$SOCKET" -c "primacy.container=$container")
  [[ ${2:-} ]] && return
  while IFS=: read -r field have; do
    name=${field% setting} name=${name/xact/transaction}
    [[ ${MATCHED[$name]-} ]] || continue
    number "$name" "${MATCHED[$name]}" "$config/postgresql.conf" "$AUTO"
    ((have > value)) && arguments+=(-c "$name=$((have))")
  done < <(LC_ALL=C pg_controldata -D "$PGDATA")
}

# The mounted files first, then in turn with the last good ones, so that a bad value can always be mended.
choose_configuration() {
  if [[ -e $MOUNTED/postgresql.conf && -e $MOUNTED/pg_hba.conf && (! -d $LAST_GOOD || $config != "$MOUNTED" || $failed_to_start == 0) ]]; then
    configure "$MOUNTED"
    # What is tried, not what may be mounted by the time it has come up.
    rm -rf "$TRIED" && mkdir "$TRIED" && cp -L "$MOUNTED"/* "$TRIED/"
  elif [[ -d $LAST_GOOD ]]; then
    log "postgres does not start with $MOUNTED; using the files with which it last did"
    configure "$LAST_GOOD"
  else
    log "waiting for $MOUNTED/postgresql.conf"
    nap $SECOND
    return 1
  fi
  return 0
}

# On the last good files a standby tries newly mounted ones by itself, and one that is alone, which nobody can relieve; another
# primary's restart is the operator's to plan.
mended() { [[ $config == "$LAST_GOOD" && $MOUNTED/postgresql.conf -nt $TRIED ]] && [[ -e $SIGNAL || -e $SOLO ]]; }

# The walreceiver streams a timeline from the beginning of the segment in which that left the one before. Until the new file is filled up
# to there, postgres would read it in the place of the old one, which is whole, and end where it ends: what was acknowledged after
# that would be lost (PostgreSQL 15 to 18).
forget_half_segments() {
  local segments=("$PGDATA"/pg_wal/[0-9A-F]???????????????????????) parent='' end='' first second size low name last
  ((${#segments[@]})) || return 0
  last=${segments[-1]##*/}
  # Only the last can be half: the one before is sent to its end first.
  [[ -e $PGDATA/pg_wal/${last::8}.history ]] || return 0
  while read -r first second _; do [[ $first =~ ^[0-9]+$ ]] && parent=$first end=$second; done <"$PGDATA/pg_wal/${last::8}.history"
  [[ $parent ]] || return 0
  size=$(stat -c %s "${segments[-1]}")
  low=$((16#${end#*/}))
  printf -v parent '%08X' "$parent"
  printf -v name '%08X%08X' $((16#${end%/*})) $((low / size))
  parent=$PGDATA/pg_wal/$parent$name name=$PGDATA/pg_wal/${last::8}$name
  [[ -e $name && -e $parent ]] || return 0
  cmp -s -n $((low % size)) "$parent" "$name"
  (($? == 1)) && log "removing ${name##*/}, of which only a part came" && rm -f "$name"
  return 0
}

# Histories of timelines of which there is no log: what was reserved for a promotion that did not come to pass (rule 6), and what the
# walreceiver fetched before it was seen that this log left the other before. Postgres would take the last for the timeline to recover
# to: of the one nobody has a log; of the other it would replay its own beyond the fork, and go on with the primary's, in silence.
# Below a segment whose own history was not written any more, a reservation would be the last.
forget_histories() {
  local segments=("$PGDATA"/pg_wal/[0-9A-F]???????????????????????) files=("$PGDATA"/pg_wal/????????.history) i last line
  ((${#segments[@]})) || return 0
  last=${segments[-1]##*/}
  for ((i = ${#files[@]} - 1; i >= 0; i--)); do
    line=
    read -r line <"${files[i]}"
    [[ ${files[i]##*/} > ${last::8}.history || $line == '' || $line == '# reserved by primacy' ]] || return 0
    rm -f "${files[i]}"
  done
}

start() {
  phase starting
  forget_half_segments
  forget_histories
  postgres "${arguments[@]}" {events}>&- {ask}>&- {answer}>&- &
  postmaster=$!
  clock
  started=$now
}

came_up() {
  local lines=()
  mapfile -t lines 2>/dev/null <"$PGDATA/postmaster.pid"
  [[ ${lines[7]:-} == ready* ]] || return
  ready=true failed_to_start=0
  phase running
  [[ $config == "$LAST_GOOD" ]] && return
  rm -rf "$LAST_GOOD.new"
  cp -R "$TRIED" "$LAST_GOOD.new" && rm -rf "$LAST_GOOD" && mv "$LAST_GOOD.new" "$LAST_GOOD"
}

# Rule 9b: asked by SIGUSR2, on a cleanly stopped primary: one single-user run writes the lower values into the WAL.
lower() {
  [[ $(controldata 'Database cluster state') == 'shut down' ]] || return
  log "lowering the settings that standbys must match"
  configure "$MOUNTED" lower
  run "${named[@]}" postgres --single "${arguments[@]}" template1 </dev/null >/dev/null
}

# ---------------------------------------------------------------------------------------------------- stop

gone() { ! kill -0 "$postmaster" 2>/dev/null; }

await_end() { # hundredths of a second
  local until
  clock
  until=$((now + $1))
  until gone; do
    clock
    ((now < until)) || return 1
    nap 10
  done
  return 0
}

# Every process but ourselves: a backend outlives its postmaster and goes on committing. The kernel spares PID 1. Whom we may not kill –
# root, who came from the node, say – or what stays a zombie ends with us; then the kernel lets the container end only after all of it.
kill_all() {
  local until
  disconnect
  clock
  until=$((now + 10 * SECOND))
  while kill -KILL -1 2>/dev/null; do
    clock
    ((now < until)) || code=6 refuse "there are processes that cannot be killed; they end with the container"
    nap 1
  done
  wait
  postmaster=0
}

immediate() {
  kill -QUIT "$postmaster"
  await_end $SECOND
  kill_all
}

# Fast, bounded, then immediate. A primary's time is bounded by its leave, too: who waits for that to run out must not wait in vain.
stop() {
  local limit=$STOP
  phase stopping
  clock
  ((leave - now < limit)) && limit=$((leave > now ? leave - now : 0))
  kill -INT "$postmaster"
  if await_end $limit; then kill_all; else
    immediate
    log "not stopped within $((limit / SECOND)) s: immediate shutdown"
  fi
}

# ---------------------------------------------------------------------------------------------------- fence loop

# One psql kept open, since a new one each second costs a connection and 3 % of a core. It speaks through two named pipes
# that we hold open at both ends, so that its death never blocks or ends us.
connect() {
  local pipe
  for pipe in "$ask" "$answer"; do while read -r -t 0 -u "$pipe" && read -r -u "$pipe" _; do :; done; done
  answered=
  PGAPPNAME=primacy-fence PGCONNECT_TIMEOUT=$((TTL / SECOND)) PGOPTIONS=$QUIET psql -XAtq -h "$SOCKET" -U postgres -d postgres \
    <&"$ask" >&"$answer" 2>/dev/null {events}>&- {ask}>&- {answer}>&- &
  psql=$!
  disown "$psql"
}

ask_by_psql() { { [[ $psql ]] && kill -0 "$psql" 2>/dev/null; } || connect; }

disconnect() {
  [[ $psql ]] && kill -KILL "$psql" 2>/dev/null
  psql=
}

psql='' answered='' asked_times=0 asked_before=0
QUIET='-c log_statement=none -c log_duration=off -c log_min_duration_statement=-1 -c search_path=pg_catalog -c standard_conforming_strings=on'
# Functions, not the views, which would wait for locks on pg_authid and pg_database. A grant of an epoch that this member has left behind is void.
FENCE_QUERY="coalesce((SELECT max((g[2]::numeric * 100)::bigint) FROM pg_stat_get_activity(NULL) a, regexp_match(a.query, '^/\* grant (\d+) (\d+(?:\.\d+)?) \*/') g WHERE a.usesysid = to_regrole('primacy')::oid AND g[1]::bigint >= current_setting('primacy.epoch')::bigint), 0), (SELECT string_agg(a.application_name || '=' || extract(epoch FROM s.reply_time), ' ') FROM pg_stat_get_wal_senders() s JOIN pg_stat_get_activity(NULL) a USING (pid) WHERE s.state = 'streaming' AND a.usesysid = to_regrole('primacy_replica')::oid);"

# Answers by `granted` and by `moved` of each peer that streams from here now. It fails if postgres does not answer within a
# second - or, as a busy machine may need to let us in, half of the time that the remembered grant or the promotion leaves.
query() {
  local line peers pairs pair peer until asked_at
  ask_by_psql
  # The number tells the answer from one to an earlier question.
  echo "SELECT $((asked_times += 1)), $FENCE_QUERY" >&"$ask"
  clock
  asked_at=$now
  until=$((grant + TTL > leave ? grant + TTL : leave))
  until=$((until - now > 2 * SECOND ? now + (until - now) / 2 : now + SECOND)) line=
  until [[ $line == "$asked_times|"* ]]; do
    read -r -t 0.1 -u "$answer" line
    clock
    if ((now >= until)) || [[ $asked ]] || gone || ! kill -0 "$psql" 2>/dev/null; then
      # A machine that is slow to let one in would not be faster with the next.
      [[ $answered ]] && disconnect
      return 1
    fi
  done
  answered=true
  clock
  IFS='|' read -r _ granted peers <<<"$line"
  for peer in "${!moved[@]}"; do [[ " $peers" == *" $peer="* ]] || unset "moved[$peer]" "reply[$peer]"; done
  read -r -a pairs <<<"$peers"
  for pair in ${pairs[@]+"${pairs[@]}"}; do
    peer=${pair%%=*}
    # The first sight of a peer is no advance: a stopped walsender stays "streaming" for a while. And its new word may be as old as the
    # question before: the operator's wait has no room for answers that took long.
    [[ ${reply[$peer]-$pair} == "$pair" ]] || moved[$peer]=$asked_before
    reply[$peer]=$pair
  done
  asked_before=$asked_at
  return 0
}

# Prolongs `leave` by what peers are known to have said. m = |P| - 1; q_fence = ceil(m / 2) of P must stream from here.
heard_from() { # P…
  local m=0 peer other quorum until=()
  for peer; do
    [[ $peer == "$PRIMACY_MEMBER" ]] && continue
    ((m += 1))
    [[ ${moved[$peer]-} ]] && until+=($((moved[$peer] + WAL_SENDER_TIMEOUT)))
  done
  # Of those times the one that q_fence of them reach.
  for peer in ${until[@]+"${until[@]}"}; do
    quorum=0
    for other in "${until[@]}"; do ((other >= peer && (quorum += 1))); done
    ((quorum >= (m + 1) / 2 && peer > leave && (leave = peer)))
  done
}

# Sets `leave`: until when this member may stay writable.
may_write() {
  local promotable promoted
  leave=$((now + 3600 * SECOND))
  # postgres removes standby.signal before it becomes writable, so while it is there no query is needed.
  if [[ -e $SIGNAL || -e $SOLO ]]; then spared=$now; return 0; fi
  setting primacy.promotable '' "$AUTO"
  IFS=', ' read -r -a promotable <<<"$value"
  # Not yet told P: then only a grant counts.
  if [[ ${promotable[*]} == "$PRIMACY_MEMBER" ]]; then spared=$now; ask_by_psql; return 0; fi # soon its answers are needed
  # The operator promotes first and grants then, so a promotion is a leave itself: a short one.
  promoted=$((spared + SECOND + TTL / 2))
  # What was heard before holds, too, while postgres is slow to answer: on a busy machine it would be killed for that.
  leave=$promoted
  heard_from "${promotable[@]}"
  if query; then
    ((granted > grant && granted <= now)) && grant=$granted
    leave=$promoted
    heard_from "${promotable[@]}"
  fi
  ((leave < grant + TTL)) && leave=$((grant + TTL))
  clock
  ((now < leave))
}

fence() {
  local age=$(((now - grant) / SECOND))
  phase stopping
  asked=${asked:-restart}
  immediate
  log "fence: the last grant is $age s old and too few promotable peers stream from here"
}

# ---------------------------------------------------------------------------------------------------- instructions

# Where no connection is accepted: after a crash amid many subtransactions recovery may never let anybody in. It is replayed to its end first.
# The operator cannot grant before it is answered again, so the order counts as a grant given now.
promote() { # epoch reserved-timeline
  local number=1 file text files=("$PGDATA"/pg_wal/????????.history)
  # From now on an order of an older epoch is refused, as in a session (rule 1). Into the file that was read: where a session replaces
  # it meanwhile, its newer epoch stays. The text never gets shorter, since epochs grow.
  {
    number primacy.epoch 0 "/proc/$$/fd/8"
    text=$(sed '/^primacy\.epoch/d' "/proc/$$/fd/8" && echo "primacy.epoch = '$1'")
    ((value <= $1)) && printf '%s\n' "$text" >&8 && sync "/proc/$$/fd/8"
  } 8<>"$AUTO" && kill -HUP "$postmaster" || return
  # Rule 6: postgres takes the first number above its own without a history file.
  ((${#files[@]})) && file=${files[-1]##*/} && number=$((16#${file%.history}))
  while ((number < ${2:-0})); do
    printf -v file '%s/pg_wal/%08X.history' "$PGDATA" $((number += 1))
    echo '# reserved by primacy' >"$file" && sync "$file" || return
  done
  sync "$PGDATA/pg_wal"
  # As pg_ctl promote, with a look between: a session writes its epoch and then looks for the file, so one of the two sees the other.
  : >"$PGDATA/promote"
  epoch
  ((value == $1)) || { rm -f "$PGDATA/promote"; return 1; }
  kill -USR1 "$postmaster" || return
  clock
  grant=$now
}

obeyed() { [[ ! $heard ]] || put "$DONE" "$heard"; }

# The operator's second channel, for when SQL cannot answer: "<id> <epoch> <verb> [source | reserved timeline] [reason]", obeyed once.
read_instruction() {
  local id='' least='' what='' from=''
  read -r id least what from _ 2>/dev/null <"$INSTRUCTION"
  [[ $id && $id != "$heard" && $least =~ ^[0-9]+$ ]] || return
  epoch
  ((10#$least >= value)) || return
  [[ $what != promote ]] || { ((postmaster)) && [[ -e $SIGNAL ]] || return; }
  heard=$id
  # Before anything is done: it is not done twice, whatever ends us. But a copy that was not begun, or not ended, is still owed.
  [[ $what == @(rewind|clone) ]] || obeyed
  log "instructed: $id $what $from"
  case $what in
    restart) verb='' source='' asked=${asked:-restart} ;;
    rewind | clone) verb=$what source=$from ordered=$((10#$least)) asked=${asked:-restart} ;;
    promote) promote $((10#$least)) "$from" || log "not promoted" ;;
    *) log "unknown instruction: $what" ;;
  esac
}

# ---------------------------------------------------------------------------------------------------- main

# Until the postmaster has ended. No command or process substitution in here nor below: a trap that interrupts bash as it
# parses one can be a syntax error that ends the shell (seen with bash 5.2).
supervise() {
  local next=0
  trap 'asked=${asked:-restart}; echo >&"$events"' USR1
  trap 'asked=${asked:-lower}; echo >&"$events"' USR2
  trap 'echo >&"$events"' CHLD
  until gone; do
    [[ $ready ]] || came_up
    clock
    if ((now >= next)); then
      next=$((now + SECOND))
      read_instruction
      may_write || { fence; break; }
      ((leave < next)) && next=$leave
      mended && asked=${asked:-restart}
    fi
    [[ $asked ]] && { stop; break; }
    clock
    if [[ ! $ready ]]; then nap $((now - started < 10 * SECOND ? 5 : 50)); elif ((next > now)); then nap $((next - now)); fi
  done
  trap - USR1 USR2 CHLD
  kill_all
}

# A crash is restarted at once; one that follows soon after waits longer each time.
back_off() {
  local until
  clock
  ((now - started > 30 * SECOND)) && crashes=0
  log "postgres ended by itself (crash $((crashes + 1)))"
  until=$((now + (crashes == 0 ? 0 : crashes < 7 ? 10 << crashes : 10 * SECOND)))
  while ((now < until)); do nap $((until - now)); clock; done
  ((crashes += 1))
}

quit() { kill_all; phase stopping; log "stopped"; exit 0; }

main() {
  (($$ == 1)) || { log "instance.sh must be PID 1: it ends every other process it sees"; exit 64; }
  umask 0077
  # The kubelet hands this message on when it reports the end of this very container, however late, and SQL shows the same name:
  # so the operator knows whose end it is (rule 3). The container's id, which would do, is not to be seen from inside.
  read -r container </proc/sys/kernel/random/uuid
  echo "container $container" 2>/dev/null >/dev/termination-log
  if ! { mkdir -p "$SOCKET" && chmod 0700 "$SOCKET" && : >>"$VOLUME/lock"; }; then
    code=4 refuse "$RUN and $VOLUME must be writable for uid $(id -u): see runAsUser and fsGroup. If the volume was lost with its node, ask for a rebuild of $PRIMACY_MEMBER"
  fi
  phase starting
  for pipe in events ask answer; do rm -f "$RUN/$pipe"; mkfifo "$RUN/$pipe"; done
  exec {events}<>"$RUN/events" {ask}<>"$RUN/ask" {answer}<>"$RUN/answer"
  trap 'asked=exit; if ((postmaster)); then echo >&"$events"; else quit; fi' TERM INT
  # initdb and a single-user postgres want a name for their user; any UID may have to do without a passwd entry.
  named=()
  if ! getent passwd "$(id -u)" >/dev/null; then
    printf 'postgres:x:%d:%d:PostgreSQL:/tmp:/bin/false\n' "$(id -u)" "$(id -g)" >"$RUN/passwd"
    printf 'postgres:x:%d:\n' "$(id -g)" >"$RUN/group"
    for library in {/usr,}/lib{/*,}/libnss_wrapper.so; do
      [[ -s $library ]] && named=(env "LD_PRELOAD=$library" "NSS_WRAPPER_PASSWD=$RUN/passwd" "NSS_WRAPPER_GROUP=$RUN/group")
    done
  fi
  # Another incarnation of this pod may still run on this volume, with other PIDs and IPC: postmaster.pid cannot tell. postgres inherits the lock.
  exec 9>>"$VOLUME/lock"
  flock -n 9 || log "waiting: another process holds the volume"
  run flock 9 || refuse "$VOLUME/lock cannot be locked: a volume whose file system knows no locks (NFS without lockd, say) could be written by two pods at once. Use another StorageClass."
  heard=$(cat "$DONE" 2>/dev/null)
  config='' failed_to_start=0
  while :; do
    ready=
    prepare
    choose_configuration || continue
    asked=
    start
    supervise
    case $asked in
      exit) quit ;;
      lower) lower ;;
      restart) ;;
      *)
        [[ $ready ]] || ((failed_to_start += 1))
        back_off
        ;;
    esac
  done
}

live() {
  [[ $(<"$RUN/phase") == running ]] || return 0
  # A new connection, and any answer of the postmaster is good, "too many clients" too: 2 is no answer.
  pg_isready -q -h "$SOCKET" -t 5
  (($? < 2))
}

case ${1:-} in
  live) live ;;
  *) main ;;
esac
