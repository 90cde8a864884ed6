# Sourced by ./dev: words for the terminal, the cache, and hashes of inputs.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/primacy
logs=$root/.primacy/log
mkdir -p "$cache" "$logs"

say() { printf '• %s\n' "$*" >&2; }

fail() {
  printf '✗ %s\n' "$*" >&2
  exit 1
}

# step WORDS LOGNAME COMMAND…: runs the command with its output in a log, tells how long it
# took, and shows the end of the log when it fails.
step() {
  local words=$1 log=$logs/$2.log start=$SECONDS
  shift 2
  printf '• %s … ' "$words" >&2
  if "$@" >"$log" 2>&1 </dev/null; then
    printf '%s s\n' $((SECONDS - start)) >&2
  else
    printf 'failed\n' >&2
    tail -n 20 "$log" | sed 's/^/    /' >&2
    fail "$words: failed; everything it printed is in $log"
  fi
}

# One short name for the content of these files and folders (and of the words in $salt).
hash_of() {
  {
    printf '%s\n' "${salt:-}"
    (cd "$root" && find "${@#"$root"/}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
  } | sha256sum | cut -c1-12
}

is_debian() { [[ -r /etc/os-release ]] && grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release; }

# have_or_install PROGRAM PACKAGE WHY: a program, from the distribution's packages if need be.
have_or_install() {
  command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 ]] && return
  is_debian && [[ $(id -u) == 0 ]] ||
    fail "$1 is missing ($3). Install it (Debian and Ubuntu: apt-get install $2) and try again."
  update_packages
  install_package "$2" "$3"
}

# The lists of the distribution's packages, not older than half a day.
update_packages() {
  [[ ! -e $cache/apt-updated || -n $(find "$cache/apt-updated" -mmin +720) ]] || return 0
  step "Updating the package lists" apt apt-get update
  touch "$cache/apt-updated"
}

# install_package PACKAGE WHY
install_package() {
  step "Installing $1 ($2)" apt env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1"
}
