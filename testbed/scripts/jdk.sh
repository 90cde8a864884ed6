# Sourced by ./dev: a JDK that can build the project, and Maven on it.

jdk_needed=25

jdk_version() {
  [[ -x $1/bin/javac ]] && sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

# Sets and exports JAVA_HOME: the one given, or the newest in the usual places.
ensure_jdk() {
  local candidate version best=0
  if [[ -n ${JAVA_HOME:-} ]]; then
    version=$(jdk_version "$JAVA_HOME" || true)
    ((${version:-0} >= jdk_needed)) && return
  fi
  for candidate in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* \
    "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "$(dirname "$(dirname "$(readlink -f "$(command -v javac || echo /x/x)")")")"; do
    version=$(jdk_version "$candidate" || true)
    if ((${version:-0} >= jdk_needed && version > best)); then
      best=$version
      JAVA_HOME=$candidate
    fi
  done
  ((best)) || fail "No JDK $jdk_needed or newer found. Install one (Debian: the package temurin-$jdk_needed-jdk of adoptium.net, or openjdk-$jdk_needed-jdk) or set JAVA_HOME."
  export JAVA_HOME
}

maven() {
  ensure_jdk
  (cd "$root" && ./mvnw --batch-mode --no-transfer-progress "$@")
}
