# Sourced by ./dev: Kubernetes and its companions, built from their Go modules. Each folder under
# testbed/ with a go.mod pins one of them; what is built is cached by the hash of go.mod and go.sum.

go_needed=1.26.0
go_fetched=1.26.8

# Prints the path of a go command new enough.
find_go() {
  local candidate version
  for candidate in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-*/bin/go "$cache/go/bin/go"; do
    [[ -x $candidate ]] || continue
    version=$(GOTOOLCHAIN=local "$candidate" env GOVERSION 2>/dev/null) || continue
    if [[ $(printf '%s\n' "$go_needed" "${version#go}" | sort -V | head -n 1) == "$go_needed" ]]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  return 1
}

# A distribution's Go is too old to build Kubernetes, but it can fetch and verify a newer toolchain,
# which is a Go module like any other.
fetch_go() {
  have_or_install go golang-go "to fetch a newer Go"
  fetch_toolchain() {
    local old module=golang.org/toolchain@v0.0.1-go$go_fetched.linux-$(dpkg --print-architecture)
    old=$(command -v go || ls /usr/lib/go-*/bin/go | tail -n 1)
    cd "$(mktemp -d)"
    GOFLAGS=-mod=mod GO111MODULE=on GOMODCACHE=$cache/go-modules "$old" mod download "$module"
    rm -rf "$cache/go"
    cp -r "$cache/go-modules/$module" "$cache/go"
    chmod -R u+w "$cache/go"
    chmod +x "$cache"/go/bin/* "$cache"/go/pkg/tool/*/*
  }
  step "Fetching Go $go_fetched" go fetch_toolchain
}

# binaries_of NAME: the folder with what testbed/NAME builds.
binaries_of() { printf '%s/bin/%s-%s\n' "$cache" "$1" "$(hash_of "$root/testbed/$1")"; }

build_module() {
  local name=$1 go=$2 target flags='-s -w' version
  target=$(binaries_of "$name")
  case $name in
    kubernetes)
      version=$(sed -n 's#^require k8s.io/kubernetes ##p' "$root/testbed/kubernetes/go.mod")
      flags+=" -X k8s.io/component-base/version.gitVersion=$version"
      flags+=" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<<"$version")"
      ;;
    helm)
      version=$(sed -n 's#^require helm.sh/helm/v4 ##p' "$root/testbed/helm/go.mod")
      flags+=" -X helm.sh/helm/v4/internal/version.version=$version"
      # Helm takes the defaults of its templates from the Kubernetes client that it was built with.
      version=$(sed -n 's#^\tk8s.io/client-go v0\.\([0-9]*\).*#\1#p' "$root/testbed/helm/go.mod")
      flags+=" -X helm.sh/helm/v4/pkg/chart/common.k8sVersionMajor=1 -X helm.sh/helm/v4/pkg/chart/common.k8sVersionMinor=$version"
      ;;
  esac
  mkdir -p "$target"
  cd "$root/testbed/$name"
  export GOBIN=$target CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-buildvcs=false
  if [[ $name == pause ]]; then
    nice "$go" install -trimpath -ldflags "$flags" .
  else
    nice "$go" install -trimpath -ldflags "$flags" tool
  fi
  touch "$target/.complete"
}

# ensure_binaries NAME…: builds what is not in the cache.
ensure_binaries() {
  local name go='' patience
  for name in "$@"; do
    [[ -e $(binaries_of "$name")/.complete ]] && continue
    [[ -n $go ]] || go=$(find_go) || { fetch_go && go=$cache/go/bin/go; }
    patience='once'
    [[ $name != kubernetes ]] || patience='once; about 7 minutes on two cores'
    step "Building $name from its Go modules ($patience)" "build-$name" build_module "$name" "$go"
  done
}
