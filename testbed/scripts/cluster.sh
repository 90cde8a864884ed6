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

# The images that the test bed needs at once; the other majors come when a test asks for them.
loaded_images() {
  printf 'postgres:17\n'
  inputs_of "$operator_image" >/dev/null && printf '%s\n' "$operator_image"
}

cluster() {
  local verb=${1:-status} images
  shift || true
  [[ -z $context ]] || fail "cluster $verb is about the test bed; --context $context is a cluster of yours."
  ensure_engine
  if [[ $verb == up ]]; then
    ensure_images
    mapfile -t images < <(loaded_images)
    set -- "${images[@]}"
  fi
  testbed "$verb" "$@"
}

# Makes every image, and brings those that pods run into a test bed that stands.
images() {
  local images
  ensure_engine
  ensure_images
  if [[ -n $(docker ps --quiet --filter label=dev.primacy.testbed) ]]; then
    mapfile -t images < <(loaded_images)
    testbed load "${images[@]}" $(printf 'postgres:%s\n' "${postgres_majors[@]}" | grep -v :17)
  fi
}

# tool kubectl|helm ARGUMENTS…
tool() {
  local name=$1 module=$1
  shift
  [[ $name == helm ]] || module=kubernetes
  ensure_binaries "$module"
  if [[ -n $context ]]; then
    if [[ $name == helm ]]; then set -- --kube-context "$context" "$@"; else set -- --context "$context" "$@"; fi
  else
    export KUBECONFIG=$root/.primacy/kubeconfig
    [[ -r $KUBECONFIG || $1 == version || $1 == template || $1 == lint || $1 == package ]] ||
      fail "There is no test bed. ./dev cluster up starts one; --context NAME takes a cluster of yours."
  fi
  "$(binaries_of "$module")/$name" "$@"
}
