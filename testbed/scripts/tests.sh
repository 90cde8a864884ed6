# Sourced by ./dev: the tests, group by group.

test_groups=(unit crd instance sim chart e2e)

# Real servers on a busy machine miss a deadline now and then. One that does on both tries has failed; one that needed the
# second is listed as a flake.
second_try=(-Dsurefire.rerunFailingTestsCount=1)

# The JUnit tag of a group; unit tests have none.
tag_of() {
  case $1 in
    unit) ;;
    crd | sim | chart) printf '%s' "$1" ;;
    instance) printf containers ;;
    e2e | e2e-full) printf cluster ;;
    *) fail "There is no group of tests $1; there are ${test_groups[*]}." ;;
  esac
}

# run_tests [GROUP…] [-DNAME=VALUE…]: what begins with -D goes to Maven, as in `./dev test e2e -Dtest=ScalingTest`.
run_tests() {
  local argument group groups=() failed=() started=$SECONDS times=() begun
  given=()
  while (($#)); do
    argument=$1
    shift
    case $argument in
      -D*) given+=("$argument") ;;
      # The simulation: one seed step by step, or so many.
      --seed | --seeds) given+=("-Dsim.${argument#--}=${1:?$argument needs a number}") && shift ;;
      *) tag_of "$argument" >/dev/null && groups+=("$argument") ;;
    esac
  done
  ((${#groups[@]})) || groups=("${test_groups[@]}")
  # Here, where it is seen: of Maven's output only the results are shown.
  ensure_jdk
  for group in "${groups[@]}"; do
    begun=$SECONDS
    say "Tests: $group"
    run_group "$group" || failed+=("$group")
    times+=("$group $((SECONDS - begun)) s")
  done
  say "Took $((SECONDS - started)) s: $(IFS=,; printf '%s' "${times[*]}" | sed 's/,/, /g')"
  ((${#failed[@]} == 0)) || fail "Tests failed: ${failed[*]}. Reports: */target/surefire-reports; what e2e tests collected: e2e-tests/target."
}

run_group() {
  local group=$1 failed=0 properties=(-Dprimacy.context="$context" ${PRIMACY_IMAGE:+-Dprimacy.image="$PRIMACY_IMAGE"} ${given[@]+"${given[@]}"})
  if [[ $group == unit ]]; then
    shown_maven "$group" verify "${properties[@]}"
    return
  fi
  case $group in
    instance)
      # They wait for most of their time: for a leave to end, for a timeout, for each other.
      properties=("${second_try[@]}" "${properties[@]}" -Djunit.jupiter.execution.parallel.config.fixed.{parallelism,max-pool-size}=6)
      ensure_engine
      have_or_install shellcheck shellcheck "it reads instance.sh"
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
    e2e | e2e-full)
      rm -rf "$root/e2e-tests/target/passes" "$root/e2e-tests/target/broken-promises.txt"
      properties=("${second_try[@]}" "${properties[@]}")
      ensure_binaries helm
      [[ -n $context ]] || cluster_with_operator
      [[ $group == e2e-full ]] || properties+=(-DexcludedTags=e2e-full)
      ;;
  esac
  [[ ! -e $(binaries_of helm)/helm ]] || properties+=(-Dprimacy.helm="$(binaries_of helm)/helm")
  shown_maven "$group" test -Ptagged -Dtags="$(tag_of "$group")" "${properties[@]}" ||
    { [[ $group == instance ]] && again_by_themselves "$group" "${properties[@]}"; } || failed=1
  [[ $group != e2e* ]] || judge_passes || failed=1
  [[ $group != e2e* ]] || no_promise_was_broken || failed=1
  return $failed
}

# Surefire gives parameterized classes no second try; those that failed have theirs here. What else went wrong has none.
again_by_themselves() { # group properties…
  local group=$1 classes
  shift
  grep -q 'The forked VM' "$logs/test-$group.log" && return 1
  classes=$(classes_that_failed "$group")
  [[ $classes ]] || return 1
  say "Failed, and tried once more by themselves, as flakes if they pass: $classes"
  shown_maven "$group-again" test -Ptagged -Dtags="$(tag_of "$group")" "$@" -Dtest="$classes" -Dsurefire.failIfNoSpecifiedTests=false
}

# Of the last run of the group, which began with its log.
classes_that_failed() { # group
  find "$root"/*/target/surefire-reports -name 'TEST-*.xml' -newer "$logs/test-$1.begun" -exec grep -lE '<(failure|error)[ >]' {} + |
    sed -E 's|.*/TEST-(.*)\.xml|\1|' | sort | paste -sd,
}

# A test may get a second try; a write that was acknowledged and lost, or two primaries at once, may not.
no_promise_was_broken() {
  local broken=$root/e2e-tests/target/broken-promises.txt
  [[ ! -e $broken ]] || { say "Promises that were broken: $(<"$broken")" && return 1; }
}

# What the operators of the e2e tests saw and decided keeps the invariants of the simulation, too.
judge_passes() {
  # Tests that were chosen may have needed no cluster.
  [[ -d $root/e2e-tests/target/passes || ${given[*]-} != *-Dtest=* ]] || return 0
  shown_maven passes test --projects operator --also-make -Ptagged -Dtags=passes -Dsim.traces="$root/e2e-tests/target/passes"
}

# Maven with everything in a log, and on the terminal what a person wants to see.
shown_maven() {
  local log=$logs/test-$1.log
  touch "$logs/test-$1.begun"
  shift
  maven "$@" 2>&1 </dev/null | tee "$log" |
    { grep --line-buffered -E '^(\[(ERROR|WARNING)\]|\| )|Tests run:|Running dev\.|BUILD' || true; }
  [[ ${PIPESTATUS[0]} == 0 ]] || { say "All of it: $log" && return 1; }
}

# Everything that is generated and committed, in the order in which one is made from the other. A test of `./dev test` fails where one is stale.
generate() {
  ensure_jdk
  ensure_binaries helm
  shown_maven generate test -DexcludedTags= -Dtest='GeneratedFilesTest,GoldenTest,dev.primacy.e2e.chart.PlainManifestsTest' \
    -Dprimacy.refresh=true -Dprimacy.helm="$(binaries_of helm)/helm"
  git -C "$root" status --short
}

# bench [all|ready|idle|rto] [-DNAME=VALUE…]: all of them but rto, which harms nodes and takes long. Prints tables; the JSON is in e2e-tests/target/bench.
bench() {
  local what=all
  case ${1:-} in
    '' | -D*) ;;
    all | ready | idle | rto) what=$1 && shift ;;
    *) fail "There is no benchmark $1; there are ready, idle and rto." ;;
  esac
  ensure_jdk
  ensure_binaries kubernetes helm
  [[ -n $context ]] || cluster_with_operator
  maven test -Ptagged -Dtags=bench -Dprimacy.context="$context" ${PRIMACY_IMAGE:+-Dprimacy.image="$PRIMACY_IMAGE"} \
    -Dtest='*Benchmark' -Dprimacy.bench="$what" "$@" 2>&1 </dev/null | tee "$logs/bench.log" | { grep --line-buffered -v '^\[INFO\]' || true; }
}
