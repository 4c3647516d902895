# shellcheck shell=bash
# The browser that the tests drive, its driver, and a QR reader that is not ours.

# shellcheck source=scripts/setup/apt.sh
. "$scripts/setup/apt.sh"

ensure_chromium() {
  if have chromedriver && { have chromium || have google-chrome; }; then return; fi
  ensure_packages chromium chromium-driver || die "setup: the browser tests need Chromium and its driver (as root on Debian: apt-get install chromium chromium-driver)"
  hash -r
}

ensure_zbar() {
  have zbarimg && return
  ensure_packages zbar-tools || die "setup: the browser tests read screenshots with zbarimg (as root on Debian: apt-get install zbar-tools; with Homebrew: brew install zbar)"
  hash -r
}
