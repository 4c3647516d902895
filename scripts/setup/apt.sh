# shellcheck shell=bash
# Debian packages, where we may install them.

is_root() { [ "$(id -u)" = 0 ]; }

# The packages among the arguments that are not installed, one a line.
missing_packages() {
  local package
  for package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# Installs what is missing of the packages named; fails, having said why, where that cannot be done.
ensure_packages() {
  local missing
  have apt-get || return 1
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  is_root || return 1
  say "setup: apt-get install $missing"
  # shellcheck disable=SC2086
  apt_install $missing
}

# Once a day: old lists name browsers that nobody has any more, and of those mirrors may still have the packages.
refresh_lists() {
  local stamp=$cache/apt-updated
  [ -z "$(find "$stamp" -mtime -1 2>/dev/null)" ] || return 0
  apt-get update -q || return
  touch "$stamp"
}

apt_install() {
  local log=$cache/apt.log
  mkdir -p "$cache"
  refresh_lists >"$log" 2>&1 || say "setup: apt-get update failed (see $log); going on with the lists of packages that are there"
  # --no-remove: a machine's own packages are not ours to take away.
  local install=(apt-get install -y -q --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300)
  if DEBIAN_FRONTEND=noninteractive "${install[@]}" "$@" >>"$log" 2>&1; then return; fi
  # The lists may be missing or old.
  if apt-get update -q >>"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive "${install[@]}" "$@" >>"$log" 2>&1; then return; fi
  tail -n 5 "$log" >&2
  say "setup: apt-get failed; the whole of what it said is in $log"
  return 1
}
