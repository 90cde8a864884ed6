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
  have_or_install ip iproute2 "routes to the test bed"
  if [[ -d /run/systemd/system ]]; then
    systemctl start docker
  else
    # No service manager here: the engine runs in the background, with a pid file and a log of its own.
    rm -f /var/run/docker.pid
    setsid nohup dockerd --pidfile /run/primacy-dockerd.pid >>"$logs/dockerd.log" 2>&1 </dev/null &
  fi
  local tries
  for ((tries = 0; tries < 60; tries++)); do
    if engine_answers; then
      say "Docker Engine $(docker info --format '{{.ServerVersion}}') started"
      return
    fi
    sleep 0.5
  done
  tail -n 5 "$logs/dockerd.log" >&2 || true
  fail "dockerd was started but does not answer after 30 s; its log is $logs/dockerd.log (or journalctl -u docker)."
}
