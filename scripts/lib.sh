# shellcheck shell=bash
# Sourced first by every script here: strictness, places, speech, and the PATH that set-up has prepared.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scripts=$root/scripts
# Everything that set-up builds is kept in cargo's own folder, so that a second clone on this machine is quick.
cache=${CARGO_HOME:-$HOME/.cargo}/sendapi-pairing
# Written by set-up where rustup cannot bring the wasm32 target; it steers rustup's shims to our toolchain.
toolchain_file=$root/rust-toolchain.toml
toolchain_mark='# Written by scripts/setup/rust-debian.sh; not tracked by git.'

cd "$root"

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
prepend_path() { case ":$PATH:" in ":$1:"* | *":$1:"*) PATH=$1:${PATH//":$1:"/:} ;; *) PATH=$1:$PATH ;; esac }

# Runs a command while no other run of ours holds the same lock; without flock(1), just runs it.
locked() {
  local name=$1
  shift
  mkdir -p "$cache"
  if have flock; then
    (
      exec 9>"$cache/$name.lock"
      flock -n 9 || {
        say "setup: waiting for another run that is preparing $name…"
        flock 9
      }
      "$@" 9>&-
    )
  else
    "$@"
  fi
}

# Seconds since a start taken with `date +%s`, for messages.
since() { echo "$(($(date +%s) - $1)) s"; }

# Where cargo puts what it builds, whatever the user's configuration says.
target_dir() {
  if [ -z "${_target_dir:-}" ]; then
    _target_dir=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
  fi
  echo "$_target_dir"
}

# The version of a package that Cargo.lock holds: $1 its name.
locked_version() {
  awk -v name="name = \"$1\"" '$0 == name { getline; gsub(/version = |"/, ""); print; exit }' "$root/Cargo.lock"
}

# A fresh Rust install whose shell profile has not been read yet.
have cargo || { [ -x "$HOME/.cargo/bin/cargo" ] && prepend_path "$HOME/.cargo/bin"; } || true

if [ -f "$toolchain_file" ] && grep -qxF "$toolchain_mark" "$toolchain_file"; then
  _toolchain=$(sed -n 's/^path = "\(.*\)"$/\1/p' "$toolchain_file")
  if [ -x "$_toolchain/bin/rustc" ]; then
    prepend_path "$_toolchain/bin"
  else
    # Its folder is gone: without this, every shim of rustup would fail here.
    rm -f "$toolchain_file"
  fi
fi
export PATH
