# Sourced by ./dev: a Docker Engine that answers.

# Testcontainers would start helper images that an air-gapped machine cannot pull, and wait for
# them; the test bed outlives the JVM that started it, which is what reuse means to Testcontainers.
export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_CHECKS_DISABLE=true
export TESTCONTAINERS_HOST_OVERRIDE=localhost TESTCONTAINERS_REUSE_ENABLE=true

engine_answers() { timeout 10 docker info >/dev/null 2>&1; }

ensure_engine() {
  command -v docker >/dev/null && engine_answers && return
  [[ -z ${DOCKER_HOST:-} ]] || fail "No Docker Engine answers at DOCKER_HOST=$DOCKER_HOST. Start it, or unset DOCKER_HOST."
  [[ $(id -u) == 0 ]] ||
    fail "No Docker Engine answers. Start it (and join the group docker), run this as root, or give an existing cluster with --context NAME."
  have_or_install dockerd docker.io "Docker Engine"
  have_or_install docker docker.io "the client of Docker Engine"
  have_or_install ip iproute2 "routes to the test bed"
  # The package's own start may be under way; a busy machine answers late.
  pidof dockerd >/dev/null || start_engine
  local tries
  for ((tries = 0; tries < 120; tries++)); do
    if engine_answers; then
      say "Docker Engine $(docker info --format '{{.ServerVersion}}') answers"
      return
    fi
    sleep 0.5
  done
  fail "dockerd runs but has not answered for a minute; see $logs/dockerd.log, or journalctl -u docker."
}

start_engine() {
  if [[ -d /run/systemd/system ]]; then
    systemctl start docker
  else
    # No service manager here: the engine runs in the background, with a pid file and a log of its own.
    rm -f /var/run/docker.pid /run/primacy-dockerd.pid
    setsid nohup dockerd --pidfile /run/primacy-dockerd.pid >>"$logs/dockerd.log" 2>&1 </dev/null &
    sleep 1
  fi
}
