# shellcheck shell=bash
# Servers that tests start on loopback.

# shellcheck source=scripts/setup/apt.sh
. "$scripts/setup/apt.sh"

ensure_redis() {
  have redis-server && return
  ensure_packages redis-server || die "setup: the tests of several gateways need redis-server (as root on Debian: apt-get install redis-server; with Homebrew: brew install redis)"
  hash -r
}
