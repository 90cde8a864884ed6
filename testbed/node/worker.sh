# Sourced by entrypoint.sh: what every node runs – kubelet, kube-proxy, kube-router for NetworkPolicies, and the routes to the other nodes' pods.

# An agent knows the server's address and the token. It takes the authority's certificate from the
# first handshake, as a k3s agent with a short token does.
join_server() {
  until [[ -s $state/ca.crt ]]; do
    openssl s_client -connect "${api#https://}" -showcerts </dev/null 2>/dev/null |
      awk '/BEGIN CERT/ {pem = ""} {pem = pem $0 "\n"} /END CERT/ {last = pem} END {printf "%s", last}' >/run/node/ca.crt || true
    [[ -s /run/node/ca.crt ]] && cp /run/node/ca.crt "$state/ca.crt" || sleep 0.3
  done
}

start_worker() {
  kubeconfig /run/node/bootstrap.yaml "$api" "token: \"$K3S_TOKEN\""
  until ctr --connect-timeout 2s version >/dev/null 2>&1; do sleep 0.1; done
  ctr -n k8s.io images import /opt/node/pause.tar >/dev/null
  write_kubelet_configuration
  keep kubelet kubelet --config /run/node/kubelet.yaml --root-dir /var/lib/kubelet --cert-dir /var/lib/kubelet/pki \
    --bootstrap-kubeconfig /run/node/bootstrap.yaml --kubeconfig /var/lib/kubelet/kubeconfig \
    --hostname-override "$node" --node-ip "$address" ${taint:+--register-with-taints "$taint"}
  keep kube-proxy kube-proxy --kubeconfig /run/node/bootstrap.yaml --hostname-override "$node" \
    --proxy-mode nftables --cluster-cidr 10.42.0.0/16 --conntrack-max-per-core 0 --conntrack-min 0 \
    --conntrack-tcp-timeout-established 0 --conntrack-tcp-timeout-close-wait 0
  # It rewrites the node's rules at every change of a pod: not before a test asks for it.
  touch "$held/kube-router"
  keep kube-router kube-router --kubeconfig /run/node/bootstrap.yaml --hostname-override "$node" --run-firewall \
    --run-router=false --run-service-proxy=false --service-cluster-ip-range 10.43.0.0/16 --health-port 0
  keep watch-nodes watch_nodes
  keep_routes &
}

write_kubelet_configuration() {
  # Nothing that a pod looks up here leaves the test bed.
  printf 'search .\n' >/run/node/resolv.conf
  cat >/run/node/kubelet.yaml <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $state/ca.crt}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: $cgroup_root
failCgroupV1: false
enforceNodeAllocatable: []
failSwapOn: false
clusterDNS: [10.43.0.10]
clusterDomain: cluster.local
resolvConf: /run/node/resolv.conf
serializeImagePulls: false
maxPods: 200
# Images are side-loaded and cannot be pulled again; the disk is the host's.
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi}
EOF
}

# Follows the nodes: the own pod network makes the CNI configuration, the others' make routes.
watch_nodes() {
  local name cidr ip
  kubectl --kubeconfig /run/node/bootstrap.yaml get nodes --watch -o \
    'jsonpath={.metadata.name} {.spec.podCIDR} {.status.addresses[?(@.type=="InternalIP")].address}{"\n"}' |
    while read -r name cidr ip; do
      [[ -n $ip ]] || continue
      if [[ $name == "$node" ]]; then
        write_cni_configuration "$cidr"
      else
        printf 'route replace %s via %s\n' "$cidr" "$ip" >"/run/node/route-$name"
      fi
    done
}

write_cni_configuration() {
  [[ ! -e /etc/cni/net.d/10-pods.conflist ]] || return 0
  cat >/run/node/cni.json <<EOF
{"cniVersion": "1.0.0", "name": "pods", "plugins": [
  {"type": "ptp", "ipMasq": false, "mtu": 1500, "ipam": {"type": "host-local", "dataDir": "/run/cni",
    "ranges": [[{"subnet": "$1"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true}]}
EOF
  mv /run/node/cni.json /etc/cni/net.d/10-pods.conflist
}

# Again and again: a node that was cut off comes back with another interface, and without its routes.
keep_routes() {
  while true; do
    cat /run/node/route-* 2>/dev/null | ip -force -batch - 2>/dev/null || true
    sleep 1
  done
}

announce_ready() {
  until [[ $(kubectl --kubeconfig /var/lib/kubelet/kubeconfig get node "$node" -o \
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) == True ]]; do sleep 0.5; done
  log "Node controller sync successful"
}
