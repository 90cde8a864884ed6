# Sourced by ./dev: the test bed from the command line.

testbed_classes=$root/testbed/target/classes
testbed_classpath=$root/testbed/target/classpath

# testbed COMMAND…: the Java program that describes the cluster; compiled when it has changed.
testbed() {
  ensure_jdk
  if [[ ! -s $testbed_classpath || -n $(find "$root/testbed/src/main" "$root/testbed/pom.xml" "$root/pom.xml" -newer "$testbed_classpath" -print -quit) ]]; then
    step "Compiling the test bed" testbed-compile \
      maven -pl testbed compile dependency:build-classpath -Dmdep.includeScope=runtime "-Dmdep.outputFile=$testbed_classpath"
    touch "$testbed_classpath"
  fi
  (cd "$root" && "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
    -Dlogback.configurationFile=testbed-logback.xml \
    -cp "$testbed_classes:$(<"$testbed_classpath")" dev.primacy.testbed.Main "$@")
}

cluster() {
  local verb=${1:-status}
  shift || true
  [[ -z $context ]] || fail "cluster $verb is about the test bed; --context $context is a cluster of yours."
  ensure_engine
  if [[ $verb == up ]]; then
    one_at_a_time ensure_images
    # The other majors come when a test asks for them.
    set -- postgres:17
  fi
  testbed "$verb" "$@"
}

# A test bed whose nodes have the operator's image as its sources are now.
cluster_with_operator() {
  ensure_engine
  one_at_a_time ensure_images
  one_at_a_time ensure_operator
  testbed up postgres:17 "$operator_image"
}

# images [operator]: makes every image, or the operator's alone, and brings those that pods run into a test bed that stands.
images() {
  local loaded=("$operator_image") which=${1:-all}
  [[ $which == all || $which == operator ]] || fail "There are no images $which: ./dev images makes all, ./dev images operator the operator's."
  ensure_engine
  if [[ $which == all ]]; then
    one_at_a_time ensure_images
    loaded+=("${postgres_majors[@]/#/postgres:}")
  fi
  one_at_a_time ensure_operator
  [[ -z $(docker ps --quiet --filter label=dev.primacy.testbed) ]] || testbed load "${loaded[@]}"
}

# tool kubectl|helm ARGUMENTS…: for a cluster of yours the one that you have, where there is one. Ours takes minutes to build.
tool() {
  local name=$1 module=$1 program=$1
  shift
  if [[ -z $context ]] || ! command -v "$name" >/dev/null; then
    [[ $name == helm ]] || module=kubernetes
    ensure_binaries "$module"
    program=$(binaries_of "$module")/$name
  fi
  if [[ -n $context ]]; then
    if [[ $name == helm ]]; then set -- --kube-context "$context" "$@"; else set -- --context "$context" "$@"; fi
  else
    export KUBECONFIG=$root/.primacy/kubeconfig
    [[ -r $KUBECONFIG || $1 == version || $1 == template || $1 == lint || $1 == package ]] ||
      fail "There is no test bed. ./dev cluster up starts one; --context NAME takes a cluster of yours."
  fi
  "$program" "$@"
}
