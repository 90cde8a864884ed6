# Sourced by ./dev: the tests, group by group.

test_groups=(unit crd instance sim chart e2e)

# The JUnit tag of a group; unit tests have none.
tag_of() {
  case $1 in
    unit) ;;
    crd | sim | chart) printf '%s' "$1" ;;
    instance) printf containers ;;
    e2e) printf cluster ;;
    *) fail "There is no group of tests $1; there are ${test_groups[*]}." ;;
  esac
}

run_tests() {
  local group failed=() started=$SECONDS times=()
  (($#)) || set -- "${test_groups[@]}"
  for group in "$@"; do tag_of "$group" >/dev/null; done
  for group in "$@"; do
    local begun=$SECONDS
    say "Tests: $group"
    run_group "$group" || failed+=("$group")
    times+=("$group $((SECONDS - begun)) s")
  done
  say "Took $((SECONDS - started)) s: $(IFS=,; printf '%s' "${times[*]}" | sed 's/,/, /g')"
  ((${#failed[@]} == 0)) || fail "Tests failed: ${failed[*]}. Reports: */target/surefire-reports; what e2e tests collected: e2e-tests/target."
}

run_group() {
  local group=$1 properties=(-Dprimacy.context="$context")
  if [[ $group == unit ]]; then
    shown_maven "$group" verify
    return
  fi
  case $group in
    instance)
      ensure_engine
      one_at_a_time ensure_images
      ;;
    crd)
      ensure_binaries kubernetes
      have_or_install etcd etcd-server "the API server's store"
      properties+=(-Dprimacy.kubernetes="$(binaries_of kubernetes)")
      ;;
    chart)
      ensure_binaries helm
      ;;
    e2e)
      ensure_binaries helm
      [[ -n $context ]] || cluster_with_operator
      ;;
  esac
  [[ ! -e $(binaries_of helm)/helm ]] || properties+=(-Dprimacy.helm="$(binaries_of helm)/helm")
  shown_maven "$group" test -Ptagged -Dtags="$(tag_of "$group")" "${properties[@]}"
}

# Maven with everything in a log, and on the terminal what a person wants to see.
shown_maven() {
  local log=$logs/test-$1.log
  shift
  maven "$@" 2>&1 </dev/null | tee "$log" |
    { grep --line-buffered -E '^\[(ERROR|WARNING)\]|Tests run:|Running dev\.|BUILD' || true; }
  [[ ${PIPESTATUS[0]} == 0 ]] || { say "All of it: $log" && return 1; }
}

# bench [WHAT]: the benchmarks of e2e-tests, which print their own tables and write JSON.
bench() {
  ensure_binaries kubernetes helm
  [[ -n $context ]] || cluster_with_operator
  maven -q test -Ptagged -Dtags=bench -Dprimacy.context="$context" -Dprimacy.bench="${1:-all}" \
    -Dprimacy.helm="$(binaries_of helm)/helm" -Dsurefire.useFile=false
}
