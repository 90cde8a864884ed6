#!/bin/bash
# Process 1 of a node: prepares the container, starts the parts of Kubernetes that belong on this
# kind of node, and keeps them running, whatever happens to the network or to the API server.
set -euo pipefail

. /opt/node/common.sh
. /opt/node/pki.sh
. /opt/node/worker.sh
. /opt/node/server.sh

role=${1:-agent}
shift || true
node=${K3S_NODE_NAME:-$(hostname)} taint='' sans=()
for argument in "$@"; do
  case $argument in
    --node-name=*) node=${argument#*=} ;;
    --node-taint=*) taint=${argument#*=} ;;
    --tls-san=*) sans+=("${argument#*=}") ;;
    *) log "ignored: $argument" ;;
  esac
done
address=$(hostname -i | cut -d ' ' -f 1)
cgroup_root=${PRIMACY_CGROUP_ROOT:-/primacy-$node}

# The processes of the pods live in this container's PID namespace and end with it.
trap 'exit 0' TERM INT

mkdir -p "$state" "$logs" "$held"
prepare_container
prepare_cgroups
keep containerd containerd --config /run/node/containerd.toml

case $role in
  server) start_server ;;
  agent) api=${K3S_URL:?an agent needs K3S_URL, the address of the server} && join_server ;;
  *) log "unknown role $role: give server or agent" && exit 2 ;;
esac
start_worker
announce_ready &

# Process 1 inherits every orphan of this node and must reap it.
while true; do wait -n || true; sleep 0.2; done
