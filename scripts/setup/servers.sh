# shellcheck shell=bash
# Servers that tests start on loopback.

# shellcheck source=scripts/setup/apt.sh
. "$scripts/setup/apt.sh"

# Redis, and what certifies it where it speaks TLS.
ensure_redis() {
  have redis-server && have openssl && return
  ensure_packages redis-server openssl || die "setup: the tests of several gateways need redis-server and openssl (as root on Debian: apt-get install redis-server openssl; with Homebrew: brew install redis openssl)"
  hash -r
}

ensure_nginx() {
  # Debian keeps it where only root looks.
  have nginx || [ ! -x /usr/sbin/nginx ] || PATH=$PATH:/usr/sbin
  have nginx && return
  ensure_packages nginx-light || die "setup: the gateway is tried behind nginx (as root on Debian: apt-get install nginx-light; with Homebrew: brew install nginx)"
  hash -r
}

# What the gateway is measured against, and with.
ensure_load_peers() {
  ensure_nginx
  have wrk && return
  ensure_packages wrk || die "setup: the gateway is measured with wrk against nginx (as root on Debian: apt-get install wrk; with Homebrew: brew install wrk)"
  hash -r
}
