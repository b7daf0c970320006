# Shared by ./run and ./test (POSIX sh). Callers have set `set -eu` and stand in the project's folder.

say() { printf '%s\n' "$*" >&2; }
fail() { printf 'qianda: %s\n' "$*" >&2; exit 1; }

asRoot() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    fail "installing packages needs root or sudo; missing: $missing"
  fi
}

# installPackages FILE...: installs the Debian packages listed in the files that are not there yet.
installPackages() {
  command -v dpkg-query >/dev/null 2>&1 || fail "this script installs Debian packages; on another system install what scripts/packages.txt lists"
  missing=
  for package in $(sed 's/#.*//' "$@"); do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  say "Installing Debian packages:$missing"
  asRoot apt-get update -qq || fail "apt-get update failed: is there a network?"
  # shellcheck disable=SC2086
  asRoot env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2 ||
    fail "these packages could not be installed:$missing"
}

# build PRESET [cmake arguments...]: everything, or the target named by $target
build() {
  preset=$1
  shift
  say "Building ($preset)"
  cmake --preset "$preset" "$@" >"build/configure-$preset.log" 2>&1 ||
    { cat "build/configure-$preset.log" >&2; fail "cmake could not configure $preset"; }
  cmake --build --preset "$preset" -j "$(nproc)" ${target:+--target "$target"} >&2 || fail "the $preset build failed"
}

# numberIn FILE KEY: a number of a one-line JSON object.
numberIn() { sed -n "s/.*\"$2\":\([0-9.eE+-]*\).*/\1/p" "$1"; }

# trustIn FOLDER ROOT: an NSS database that trusts the root, for pdfsig.
trustIn() {
  if [ ! -f "$1/cert9.db" ]; then
    mkdir -p "$1"
    certutil -d "sql:$1" -N --empty-password
  fi
  certutil -d "sql:$1" -D -n root 2>/dev/null || true
  certutil -d "sql:$1" -A -n root -t CT,CT,CT -i "$2"
}
