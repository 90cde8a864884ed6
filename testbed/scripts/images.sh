# Sourced by ./dev: container images. The rule for each: there already -> pulled, where pulling works
# (asked once, with a short timeout) -> built here. What is built carries the hash of its inputs.

inputs_label=dev.primacy.inputs
k3s_image=$(<"$root/testbed/src/main/resources/k3s-image")
node_image=primacy-testbed-node:local
operator_image=primacy-operator:dev
postgres_majors=(15 17 18)

# The inputs that an image was built of; "pulled" for one that was not built here; fails without one.
inputs_of() {
  local inputs
  inputs=$(docker image inspect --format "{{with .Config.Labels}}{{index . \"$inputs_label\"}}{{end}}" "$1" 2>/dev/null) || return 1
  printf '%s\n' "${inputs:-pulled}"
}

# current IMAGE INPUTS: is there such an image, pulled or built of these inputs?
current() {
  local have
  have=$(inputs_of "$1") && [[ $have == pulled || $have == "$2" ]]
}

# Pulls an image. A registry that has not begun to answer after a few seconds is not asked again.
pull() {
  [[ -z ${registry_silent:-} ]] || return 1
  local log=$logs/pull.log waited=0 pid
  docker pull "$1" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 $pid 2>/dev/null && ! grep -qs 'Pulling from' "$log"; do
    if ((waited++ >= 75)); then
      kill $pid 2>/dev/null || true
      break
    fi
    sleep 0.2
  done
  if wait $pid; then
    say "Pulled $1"
  else
    grep -q 'Pulling from' "$log" || registry_silent=yes
    return 1
  fi
}

docker_build() { DOCKER_BUILDKIT=0 nice docker build --network=host --label "$inputs_label=$1" "${@:2}"; }

ensure_debian() {
  local inputs
  inputs=$(hash_of "$root/testbed/debian")
  current debian:trixie-slim "$inputs" && return
  pull debian:trixie-slim && return
  have_or_install debootstrap debootstrap "to make a base image"
  step "Building debian:trixie-slim from Debian's packages" image-debian \
    "$root/testbed/debian/build" debian:trixie-slim "$inputs_label=$inputs"
}

ensure_postgres() {
  local major=$1 image=postgres:$1 suite data=/var/lib/postgresql/data mount=/var/lib/postgresql/data inputs
  case $major in
    15) suite=bookworm ;;
    17) suite=trixie ;;
    18) suite=forky data=/var/lib/postgresql/18/docker mount=/var/lib/postgresql ;;
    *) fail "No PostgreSQL $major to build from Debian's packages: there are ${postgres_majors[*]}." ;;
  esac
  inputs=$(salt=$major-$suite hash_of "$root/testbed/postgres" "$root/testbed/debian")
  current "$image" "$inputs" && return
  pull "$image" && return
  ensure_debian
  step "Building $image from Debian's packages" "image-postgres-$major" \
    docker_build "$inputs" --tag "$image" --build-arg "MAJOR=$major" --build-arg "SUITE=$suite" \
    --build-arg "DATA=$data" --build-arg "MOUNT=$mount" "$root/testbed/postgres"
}

# The node image is rancher/k3s where that can be pulled; prints nothing, sets $node_image.
ensure_node() {
  local inputs parts=(kubernetes coredns kube-router local-path-provisioner pause) part
  inputs=$(hash_of "$root/testbed/node" "$root/testbed/debian" "${parts[@]/#/$root/testbed/}")
  if inputs_of "$k3s_image" >/dev/null; then
    node_image=$k3s_image
    return
  fi
  current "$node_image" "$inputs" && return
  if pull "$k3s_image"; then
    node_image=$k3s_image
    return
  fi
  ensure_binaries "${parts[@]}"
  ensure_debian
  build_node() {
    local context
    context=$(mktemp -d "$cache/node-XXXXXX")
    mkdir "$context/bin" "$context/pause"
    cp -r "$root"/testbed/node/. "$context"
    for part in "${parts[@]}"; do cp "$(binaries_of "$part")"/* "$context/bin/"; done
    mv "$context/bin/pause" "$context/pause/"
    cp "$root/testbed/pause/Dockerfile" "$context/pause/"
    docker_build "$inputs" --tag primacy-testbed/pause:local "$context/pause" &&
      docker save --output "$context/pause.tar" primacy-testbed/pause:local &&
      docker_build "$inputs" --tag "$node_image" "$context"
    local code=$?
    rm -rf "$context"
    return $code
  }
  step "Building the node image" image-node build_node
}

# What a test bed is made of, and the databases in it.
ensure_images() {
  local major
  ensure_node
  for major in "${postgres_majors[@]}"; do ensure_postgres "$major"; done
}

# one_at_a_time COMMAND…: another checkout may be building the same image.
one_at_a_time() {
  exec 9>"$cache/images.lock"
  flock --nonblock 9 || { say "Waiting for another process that builds images" && flock 9; }
  "$@"
  exec 9>&-
}

# The operator's image, by operator/build-image.
ensure_operator() {
  local inputs
  [[ -x $root/operator/build-image ]] || return 0
  inputs=$(hash_of "$root"/operator/{src/main,image,pom.xml,Dockerfile,build-image} "$root"/crds/{src/main,pom.xml} "$root/pom.xml" "$root/testbed/debian")
  current "$operator_image" "$inputs" && return
  ensure_debian
  ensure_jdk
  have_or_install objcopy binutils "jlink strips the operator's runtime with it"
  step "Building $operator_image" image-operator build_operator "$inputs"
}

build_operator() {
  nice "$root/operator/build-image" "$operator_image" &&
    printf 'FROM %s\n' "$operator_image" | docker_build "$1" --tag "$operator_image" - &&
    docker image prune --force --filter "label=$inputs_label"
}
