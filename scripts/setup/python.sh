# shellcheck shell=bash
# A Python environment of our own for what is written in it; nothing is installed into the machine's.

# shellcheck source=scripts/setup/apt.sh
. "$scripts/setup/apt.sh"

# $1 the environment's folder, $2 a requirements file; installed anew when that file changes.
ensure_python_packages() {
  local place=$1 wanted=$2 mark
  mark=$(cksum <"$wanted")
  [ "$(cat "$place/.wanted" 2>/dev/null)" = "$mark" ] && return
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    ensure_packages python3 python3-venv || die "setup: this needs Python 3.10 or later with venv (as root on Debian: apt-get install python3 python3-venv)"
  fi
  say "setup: pip install -r ${wanted#"$root/"}"
  rm -rf "$place"
  python3 -m venv "$place" || die "setup: no environment could be made in $place"
  "$place/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted" >&2 || die "setup: pip failed"
  echo "$mark" >"$place/.wanted"
}
