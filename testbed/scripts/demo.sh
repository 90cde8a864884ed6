# Sourced by ./dev: the demonstration, done with the commands that a user would type.

demo_namespace=primacy-demo
operator_namespace=primacy-system

kube() { tool kubectl "$@"; }

# Installs the chart with the real Helm, the operator's image being the one built here. A cluster of one's own
# needs that image in a registry: PRIMACY_IMAGE=registry/primacy-operator:dev (already pushed there).
deploy_operator() {
  local image=${PRIMACY_IMAGE:-$operator_image}
  if [[ -z $context ]]; then
    cluster_with_operator
  elif [[ -z ${PRIMACY_IMAGE:-} ]]; then
    say "Note: $context has to have the image $image; PRIMACY_IMAGE=… names one that it can pull"
  fi
  [[ -n $context ]] || ensure_binaries kubernetes helm
  step "Installing the operator (helm/primacy)" helm-install tool helm upgrade --install primacy "$root/helm/primacy" \
    --namespace "$operator_namespace" --create-namespace --set "image.repository=${image%:*}" --set "image.tag=${image##*:}" \
    --set-string "podAnnotations.primacy\.dev/image=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null | cut -c8-19)" \
    --wait --timeout 3m
}

# psql on a member, through a Service, as the application's role. The password goes by standard input.
demo_sql() {
  local host=$1 sql=$2
  kube get secret quickstart-app --namespace "$demo_namespace" -o 'go-template={{.data.password | base64decode}}{{"\n"}}' |
    kube exec --stdin quickstart-1-0 --namespace "$demo_namespace" -- bash -c \
      'read -r PGPASSWORD; export PGPASSWORD PGCONNECT_TIMEOUT=5; exec psql --no-psqlrc --quiet --tuples-only --no-align "$1" --command "$2"' \
      psql "host=$host user=$(demo_secret username) dbname=$(demo_secret database) sslmode=require" "$sql"
}

demo_secret() { kube get secret quickstart-app --namespace "$demo_namespace" -o "go-template={{index .data \"$1\" | base64decode}}"; }

demo_progress() {
  local start=$SECONDS line last=''
  while true; do
    line=$(kube get pgc quickstart --namespace "$demo_namespace" -o 'go-template={{with .status}}{{or .phase "Pending"}}: {{or .readyInstances 0}} of {{or .instances 0}} members ready{{with .primary}}, primary {{.}}{{end}}{{with .reason}} – {{.}}{{end}}{{else}}waiting for the operator{{end}}' 2>&1 || true)
    [[ $line == "$last" ]] || printf '  %3d s  %s\n' $((SECONDS - start)) "$line" >&2
    last=$line
    if kube wait pgc/quickstart --namespace "$demo_namespace" --for=condition=Ready --timeout=1s >/dev/null 2>&1; then
      say "Ready after $((SECONDS - start)) s"
      return
    fi
    ((SECONDS - start < 300)) || fail "Not Ready after 300 s. Look at: ./dev kubectl describe pgc quickstart -n $demo_namespace"
  done
}

demo() {
  local dev=./dev
  [[ -z $context ]] || dev="./dev --context $context"
  deploy_operator
  kube create namespace "$demo_namespace" --dry-run=client -o yaml | kube apply -f - >/dev/null
  say "$dev kubectl apply -n $demo_namespace -f examples/quickstart.yaml"
  kube apply --namespace "$demo_namespace" -f "$root/examples/quickstart.yaml" >/dev/null
  demo_progress
  demo_sql quickstart-rw "create table if not exists demo (at timestamptz default now(), said text); insert into demo (said) values ('hello from ./dev demo')"
  say "Wrote a row through quickstart-rw"
  demo_read
  kube get pgc quickstart --namespace "$demo_namespace" -o 'go-template={{printf "\n  %-14s %-9s %-11s %-9s %-12s %-10s %s\n" "MEMBER" "ROLE" "STATE" "TIMELINE" "LSN" "LAG" "NODE"}}{{range .status.members}}{{printf "  %-14s %-9s %-11s %-9v %-12s %-10v %s\n" .name (or .role "-") (or .state "-") (or .timeline "-") (or .lsn "-") (or .lagBytes 0) (or .node "-")}}{{end}}'
  cat <<HELP

  connect    from the cluster: host quickstart-rw.$demo_namespace (reads: quickstart-ro), Secret quickstart-app has the rest
             from here:        $dev kubectl port-forward -n $demo_namespace service/quickstart-rw 5432
                               psql "host=localhost user=$(demo_secret username) dbname=$(demo_secret database) sslmode=require"
             the password:     $dev kubectl get secret quickstart-app -n $demo_namespace -o go-template='{{.data.password | base64decode}}'
  look       $dev kubectl get pgc -n $demo_namespace; $dev kubectl describe pgc quickstart -n $demo_namespace
  remove     $dev kubectl delete namespace $demo_namespace; $dev helm uninstall primacy -n $operator_namespace$([[ -n $context ]] || printf '; or all of it: ./dev cluster down')
HELP
}

# A standby shows the row as soon as it has replayed it.
demo_read() {
  local row tries
  for ((tries = 0; tries < 20; tries++)); do
    row=$(demo_sql quickstart-ro "select case when pg_is_in_recovery() then 'a standby' else 'the primary' end || ' says: ' || said || ' (' || count(*) over () || ' rows)' from demo order by at desc limit 1" 2>&1) &&
      [[ -n $row ]] && say "Read through quickstart-ro: $row" && return
    sleep 0.3
  done
  fail "Reading through quickstart-ro failed: $row"
}
