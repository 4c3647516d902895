# shellcheck shell=bash
# Node and the packages that the browser tests, the packaging tests and wasm-opt need. Building and the demo need none of this.

# shellcheck source=scripts/setup/apt.sh
. "$scripts/setup/apt.sh"

node_is_recent() { have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]; }

ensure_node() {
  node_is_recent && return
  ensure_packages nodejs npm || die "setup: the tests need Node 18 or later with npm: https://nodejs.org"
  hash -r
  node_is_recent || die "setup: this Node is too old ($(node --version)); the tests need 18 or later: https://nodejs.org"
}

# $1: the folder, inside the checkout, whose package-lock.json is to be installed.
ensure_node_packages() {
  local folder=$root/$1
  ensure_node
  # npm writes this file last, so it is only as new as the lock when that whole lock has been installed.
  [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return
  say "setup: npm ci in $1"
  npm ci --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error >&2 || die "setup: npm ci failed in $1"
  touch "$folder/node_modules/.package-lock.json"
}
