# Sourced by entrypoint.sh: where things are, and how a part is kept running.

state=/var/lib/rancher/k3s
logs=/var/log/node
held=/run/held

log() { printf '%s %s\n' "$(date +%T)" "$*"; }

# keep NAME COMMAND…: runs the command for ever. While /run/held/NAME exists it stays down, which is
# how a test stops the API server: create the file, kill the process; remove the file.
keep() {
  local name=$1
  shift
  (
    trap - TERM INT
    while true; do
      while [[ -e $held/$name ]]; do sleep 0.2; done
      ("$@") >>"$logs/$name.log" 2>&1 || log "$name ended with code $?" | tee -a "$logs/$name.log"
      sleep 0.5
    done
  ) &
}

# kubeconfig FILE SERVER USER-LINES…
kubeconfig() {
  local file=$1 server=$2
  shift 2
  cat >"$file.new" <<EOF
apiVersion: v1
kind: Config
current-context: default
clusters: [{name: default, cluster: {server: "$server", certificate-authority-data: $(base64 -w0 "$state/ca.crt")}}]
contexts: [{name: default, context: {cluster: default, user: default}}]
users: [{name: default, user: {$*}}]
EOF
  mv "$file.new" "$file"
}

# Docker masks parts of /proc and mounts /sys read-only in a container that is not privileged.
prepare_container() {
  local mask
  awk '$5 ~ "^/proc/." {print $5}' /proc/self/mountinfo | sort -r | while read -r mask; do umount "$mask" || true; done
  mount -o remount,rw /sys || true
  mount --make-rshared /
  [[ -e /dev/kmsg ]] || ln -s /dev/null /dev/kmsg
  sysctl -qw net.ipv4.ip_forward=1
  mkdir -p /run/node /etc/cni/net.d
  cat >/run/node/containerd.toml <<EOF
version = 2
root = "$state/agent/containerd"
state = "/run/containerd"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "primacy-testbed/pause:local"
  # Lowering a score takes CAP_SYS_RESOURCE, which not every machine grants.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
EOF
}

# The nodes see one cgroup tree, the host's. Each keeps its pods under a root of its own, or its
# kubelet would take the other nodes' pods for orphans and kill them.
prepare_cgroups() {
  local hierarchy file
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    sed 's/\(^\| \)/\1+/g' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control || true
    mkdir -p "/sys/fs/cgroup$cgroup_root"
    return
  fi
  for hierarchy in /sys/fs/cgroup/*/; do
    [[ -L ${hierarchy%/} ]] || mkdir -p "$hierarchy$cgroup_root" || true
  done
  # Version 1 lets no process into a cpuset without these.
  for file in cpuset.cpus cpuset.mems; do
    cat "/sys/fs/cgroup/cpuset/$file" >"/sys/fs/cgroup/cpuset$cgroup_root/$file"
  done
}
