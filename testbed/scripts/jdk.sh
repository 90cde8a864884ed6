# Sourced by ./dev: a JDK that can build the project, and Maven on it.

jdk_needed=25

# What is fetched where there is none: Eclipse Temurin, with the checksums that Adoptium publishes beside it.
jdk_fetched=25.0.3+9
jdk_url=https://github.com/adoptium/temurin25-binaries/releases/download
jdk_sha256_x64=69264a7a211bf5029830d07bc3370f879769d62ebc5b5488e90c9343a2da0e1f
jdk_sha256_aarch64=3e4287cb98870ba824ed698854bdc27cff984254caf66dd12cc291e7bfdde26b

jdk_version() {
  [[ -x $1/bin/javac ]] && sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

# Sets and exports JAVA_HOME: the one given, or the newest in the usual places, or one that is installed now.
ensure_jdk() {
  local version
  if [[ -n ${JAVA_HOME:-} ]]; then
    version=$(jdk_version "$JAVA_HOME" || true)
    ((${version:-0} >= jdk_needed)) && return
  fi
  find_jdk || { install_jdk && find_jdk; } ||
    fail "JDK $jdk_needed was installed and is not found; set JAVA_HOME to where it is."
  export JAVA_HOME
}

# Sets JAVA_HOME to the newest JDK in the usual places.
find_jdk() {
  local candidate version best=0
  for candidate in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* \
    "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home "$cache"/jdk-* \
    "$(dirname "$(dirname "$(readlink -f "$(command -v javac || echo /x/x)")")")"; do
    version=$(jdk_version "$candidate" || true)
    if ((${version:-0} >= jdk_needed && version > best)); then
      best=$version
      JAVA_HOME=$candidate
    fi
  done
  ((best))
}

# The distribution's own JDK, where it has one new enough and this is root; else Temurin, into the cache.
install_jdk() {
  local package=openjdk-$jdk_needed-jdk-headless
  if is_debian && [[ $(id -u) == 0 ]] && (update_packages) && apt-cache show "$package" >/dev/null 2>&1; then
    # Slim images have no folder for manuals, in which the package makes links.
    mkdir -p /usr/share/man/man1
    install_package "$package" "to build the project"
  else
    fetch_jdk
  fi
}

fetch_jdk() {
  local machine sum url
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) machine=x64 sum=$jdk_sha256_x64 ;;
    Linux-aarch64) machine=aarch64 sum=$jdk_sha256_aarch64 ;;
    *) fail "No JDK $jdk_needed or newer found, and none to fetch for $(uname -sm): install one, or set JAVA_HOME." ;;
  esac
  url=$jdk_url/jdk-${jdk_fetched/+/%2B}/OpenJDK${jdk_needed}U-jdk_${machine}_linux_hotspot_${jdk_fetched/+/_}.tar.gz
  if ! command -v curl >/dev/null && ! command -v wget >/dev/null; then
    have_or_install curl curl "to fetch a JDK"
    have_or_install update-ca-certificates ca-certificates "to know whom it is fetched from"
  fi
  say "Fetching a JDK, Eclipse Temurin $jdk_fetched, into $cache"
  unpack_jdk "$url" "$sum" "$cache/jdk-$jdk_fetched" >"$logs/jdk.log" 2>&1 </dev/null ||
    fail "No JDK $jdk_needed or newer found, and $url cannot be had ($(tail -n 1 "$logs/jdk.log")). Install one (openjdk-$jdk_needed-jdk-headless, or adoptium.net's temurin-$jdk_needed-jdk), or set JAVA_HOME."
}

# unpack_jdk URL SHA256 FOLDER: whole, checked and able to run, or not there at all.
unpack_jdk() {
  local url=$1 sum=$2 folder=$3 new code=0
  new=$(mktemp -d "$cache/new-jdk-XXXXXX")
  {
    download "$url" "$new/archive" &&
      { sha256sum --check --status <<<"$sum  $new/archive" || { echo "its checksum is not the published one" && false; }; } &&
      mkdir "$new/jdk" &&
      tar --extract --gzip --file "$new/archive" --directory "$new/jdk" --strip-components 1 --no-same-owner &&
      "$new/jdk/bin/javac" --version &&
      # Another process may have been quicker.
      { mv --no-target-directory "$new/jdk" "$folder" || [[ -x $folder/bin/javac ]]; }
  } || code=1
  rm -rf "$new"
  return $code
}

# download URL FILE: one line to say why not.
download() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --connect-timeout 15 --speed-limit 1000 --speed-time 60 --output "$2" "$1"
  else
    wget --no-verbose --timeout 60 --tries 2 --output-document "$2" "$1"
  fi
}

maven() {
  ensure_jdk
  (cd "$root" && ./mvnw --batch-mode --no-transfer-progress "$@")
}
