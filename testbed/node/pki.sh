# Sourced by entrypoint.sh: the certificates of a server, one authority for all.

# openssl's own defaults would make every certificate an authority.
openssl_bare='[req]
distinguished_name = dn
[dn]
'

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=testbed-ca \
    -config <(printf '%s' "$openssl_bare") -keyout "$state/ca.key" -out "$state/ca.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature
}

# certificate NAME SUBJECT KEY-ALGORITHM [SUBJECT-ALTERNATIVE-NAMES]
certificate() {
  local algorithm=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
  [[ $3 == ec ]] || algorithm=(-newkey "$3")
  openssl req -x509 "${algorithm[@]}" -nodes -days 3650 -subj "$2" -config <(printf '%s' "$openssl_bare") \
    -CA "$state/ca.crt" -CAkey "$state/ca.key" -keyout "$state/$1.key" -out "$state/$1.crt" \
    -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature,keyEncipherment \
    -addext extendedKeyUsage=serverAuth,clientAuth ${4:+-addext subjectAltName=$4}
}

# Everything the server needs; kept over a restart of the container.
make_certificates() {
  [[ ! -e $state/pki-complete ]] || return 0
  local san names="DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
  names+=",DNS:kubernetes.default.svc.cluster.local,DNS:localhost,DNS:$(hostname),DNS:$node,IP:127.0.0.1,IP:10.43.0.1,IP:$address"
  for san in "${sans[@]}"; do
    if [[ $san =~ ^[0-9.]+$ ]]; then names+=",IP:$san"; else names+=",DNS:$san"; fi
  done
  authority
  certificate apiserver /CN=kube-apiserver ec "$names"
  # Agents take the authority's certificate from the handshake.
  cat "$state/ca.crt" >>"$state/apiserver.crt"
  # RSA: some clients read an elliptic curve key only with the help of a further library.
  certificate admin /O=system:masters/CN=admin rsa:2048
  certificate controller-manager /CN=system:kube-controller-manager ec
  certificate scheduler /CN=system:kube-scheduler ec
  certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client ec
  certificate front-proxy /CN=front-proxy ec
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$state/service-account.key"
  openssl pkey -in "$state/service-account.key" -pubout -out "$state/service-account.pub"
  touch "$state/pki-complete"
}

# user NAME: the lines of a kubeconfig for that certificate.
user() {
  printf 'client-certificate-data: %s, client-key-data: %s' \
    "$(base64 -w0 "$state/$1.crt")" "$(base64 -w0 "$state/$1.key")"
}
