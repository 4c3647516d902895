# shellcheck shell=bash
# The browser that the tests drive, its driver, and a QR reader that is not ours.

# shellcheck source=scripts/setup/apt.sh
. "$scripts/setup/apt.sh"
# shellcheck source=scripts/setup/tools.sh
. "$scripts/setup/tools.sh"

ensure_chromium() {
  # Where macOS has it.
  local app='/Applications/Google Chrome.app/Contents/MacOS'
  [ ! -d "$app" ] || PATH=$PATH:$app
  if have chromedriver && { have chromium || have google-chrome || have 'Google Chrome'; }; then return; fi
  ensure_packages chromium chromium-driver || die "setup: the browser tests need Chromium or Chrome, and chromedriver on PATH (as root on Debian: apt-get install chromium chromium-driver; with Homebrew: brew install --cask google-chrome chromedriver)"
  hash -r
}

ensure_firefox() {
  if ! { have firefox-esr || have firefox; }; then
    ensure_packages firefox-esr || die "setup: these tests need Firefox (as root on Debian: apt-get install firefox-esr)"
  fi
  ensure_tool geckodriver
  hash -r
}

ensure_webkit() {
  if have WebKitWebDriver && have Xvfb; then return; fi
  ensure_packages webkit2gtk-driver xvfb || die "setup: these tests need WebKitGTK, its driver and a screen to draw on (as root on Debian: apt-get install webkit2gtk-driver xvfb)"
  hash -r
}

# $1 the engine's name, as ENGINE has it.
ensure_engine() {
  case $1 in
    chromium) ensure_chromium ;;
    firefox) ensure_firefox ;;
    webkit) ensure_webkit ;;
    *) die "setup: no engine named $1 (chromium, firefox, webkit)" ;;
  esac
}

ensure_zbar() {
  have zbarimg && return
  ensure_packages zbar-tools || die "setup: the browser tests read screenshots with zbarimg (as root on Debian: apt-get install zbar-tools; with Homebrew: brew install zbar)"
  hash -r
}
