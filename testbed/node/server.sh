# Sourced by entrypoint.sh: the control plane, and the services that a cluster cannot do without.
# CoreDNS and the volume provisioner run as processes of this node: fewer pods, quicker to start.

start_server() {
  make_certificates 2>"$logs/pki.log"
  api=https://127.0.0.1:6443
  printf '%s,node,1,"system:bootstrappers"\n' "${K3S_TOKEN:?a server needs K3S_TOKEN, the secret its agents join with}" >"$state/tokens.csv"
  kubeconfig "$state/admin.yaml" $api "$(user admin)"
  kubeconfig "$state/controller-manager.yaml" $api "$(user controller-manager)"
  kubeconfig "$state/scheduler.yaml" $api "$(user scheduler)"

  keep etcd etcd --name server --data-dir "$state/etcd" --listen-peer-urls http://127.0.0.1:2380 \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --quota-backend-bytes 2147483648 --auto-compaction-retention 1h
  keep kube-apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 \
    --advertise-address "$address" --secure-port 6443 --service-cluster-ip-range 10.43.0.0/16 \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged \
    --client-ca-file "$state/ca.crt" --token-auth-file "$state/tokens.csv" \
    --tls-cert-file "$state/apiserver.crt" --tls-private-key-file "$state/apiserver.key" \
    --kubelet-client-certificate "$state/kubelet-client.crt" --kubelet-client-key "$state/kubelet-client.key" \
    --kubelet-preferred-address-types InternalIP \
    --proxy-client-cert-file "$state/front-proxy.crt" --proxy-client-key-file "$state/front-proxy.key" \
    --requestheader-client-ca-file "$state/ca.crt" --requestheader-allowed-names front-proxy \
    --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
    --requestheader-extra-headers-prefix X-Remote-Extra- \
    --service-account-issuer https://kubernetes.default.svc.cluster.local \
    --service-account-key-file "$state/service-account.pub" --service-account-signing-key-file "$state/service-account.key"
  # Its certificate authority signs the kubelets' requests; system:bootstrappers may make them.
  keep kube-controller-manager when_api_answers kube-controller-manager --kubeconfig "$state/controller-manager.yaml" \
    --authentication-kubeconfig "$state/controller-manager.yaml" --authorization-kubeconfig "$state/controller-manager.yaml" \
    --allocate-node-cidrs --cluster-cidr 10.42.0.0/16 --service-cluster-ip-range 10.43.0.0/16 \
    --cluster-signing-cert-file "$state/ca.crt" --cluster-signing-key-file "$state/ca.key" --root-ca-file "$state/ca.crt" \
    --service-account-private-key-file "$state/service-account.key" --use-service-account-credentials \
    --bind-address 127.0.0.1 --leader-elect=false
  keep kube-scheduler when_api_answers kube-scheduler --kubeconfig "$state/scheduler.yaml" \
    --authentication-kubeconfig "$state/scheduler.yaml" --authorization-kubeconfig "$state/scheduler.yaml" \
    --bind-address 127.0.0.1 --leader-elect=false

  mkdir -p /etc/rancher/k3s
  wait_for_api
  sed "s/@ADDRESS@/$address/" /opt/node/manifests/*.yaml >/run/node/manifests.yaml
  until kubectl --kubeconfig "$state/admin.yaml" apply -f /run/node/manifests.yaml >>"$logs/manifests.log" 2>&1; do sleep 0.5; done
  cp "$state/admin.yaml" /etc/rancher/k3s/k3s.yaml
  keep coredns when_api_answers coredns -conf /opt/node/manifests/Corefile
  keep local-path-provisioner when_api_answers local-path-provisioner start --kubeconfig "$state/admin.yaml" \
    --namespace kube-system --service-account-name default --helper-image primacy-testbed/pause:local \
    --config /opt/node/manifests/local-path.json --helper-pod-file /opt/node/manifests/local-path-pod.template
  label_server &
}

wait_for_api() { until curl -skf -o /dev/null --max-time 2 "$api/readyz"; do sleep 0.2; done; }

when_api_answers() {
  wait_for_api
  exec "$@"
}

# A kubelet may not give itself a label of this kind.
label_server() {
  until kubectl --kubeconfig "$state/admin.yaml" label node "$node" --overwrite node-role.kubernetes.io/control-plane=true >/dev/null 2>&1; do
    sleep 1
  done
}
