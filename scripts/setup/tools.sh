# shellcheck shell=bash
# Command-line tools at the versions this project is built with, each installed only when something needs it.

tool_version() {
  case $1 in
    # The CLI and the crate must be the same version.
    wasm-bindgen) locked_version wasm-bindgen ;;
    trunk) echo 0.21.14 ;;
    cargo-deny) echo 0.20.2 ;;
    cargo-mutants) echo 27.1.0 ;;
    cargo-fuzz) echo 0.13.2 ;;
    geckodriver) echo 0.36.0 ;;
    *) die "setup: no tool named $1" ;;
  esac
}

# Puts the tool on PATH at its version: what is there already, ours from before, or a new install.
ensure_tool() {
  local tool=$1 version found place
  version=$(tool_version "$tool")
  [ -n "$version" ] || die "setup: Cargo.lock holds no $tool"
  found=$("$tool" --version 2>/dev/null | head -n 1 | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1) || true
  [ "$found" != "$version" ] || return 0
  place=$cache/$tool-$version
  [ -x "$place/bin/$tool" ] || locked "$tool" install_tool "$tool" "$version" "$place" || die "setup: $tool $version could not be installed"
  prepend_path "$place/bin"
  export PATH
  hash -r
}

install_tool() {
  local tool=$1 version=$2 place=$3 start
  [ -x "$place/bin/$tool" ] && return
  start=$(date +%s)
  # The debug profile, without what a debugger needs: these tools run for seconds, and an optimised build of each takes minutes more.
  case $tool in
    wasm-bindgen)
      say "setup: installing wasm-bindgen $version (2 to 6 minutes, once)…"
      # Where its lock names a version that the registry lacks, what the crates ask for will do.
      install_crate "$place" wasm-bindgen-cli "$version" --locked || install_crate "$place" wasm-bindgen-cli "$version"
      ;;
    trunk)
      say "setup: installing trunk $version (5 to 10 minutes, once)…"
      install_crate "$place" trunk "$version" --locked --no-default-features --features rustls
      ;;
    geckodriver)
      say "setup: installing geckodriver $version (2 to 4 minutes, once)…"
      install_crate "$place" geckodriver "$version" --locked
      ;;
    cargo-mutants)
      say "setup: installing cargo-mutants $version (2 to 5 minutes, once)…"
      install_crate "$place" cargo-mutants "$version" --locked
      ;;
    cargo-fuzz)
      say "setup: installing cargo-fuzz $version (1 to 3 minutes, once)…"
      install_crate "$place" cargo-fuzz "$version" --locked
      ;;
    cargo-deny)
      say "setup: installing cargo-deny $version (3 to 6 minutes, once)…"
      install_crate "$place" cargo-deny "$version" --locked
      ;;
  esac || return
  say "setup: $tool $version is ready ($(since "$start"))"
}

# $1 the place it will stand in, $2 crate, $3 version, then cargo's options.
install_crate() {
  local place=$1 crate=$2 version=$3 scratch
  shift 3
  scratch=$(mktemp -d "$cache/installing.XXXXXX")
  # From outside the checkout, so that none of its configuration applies; moved only when whole.
  if (
    cd "$scratch"
    unset CARGO_BUILD_TARGET RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
    CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback CARGO_TARGET_DIR=$scratch/target CARGO_PROFILE_DEV_DEBUG=none \
      cargo install "$crate" --version "$version" --debug --root "$scratch/root" --no-track "$@" >&2
  ); then
    rm -rf "$place"
    mv "$scratch/root" "$place"
    rm -rf "$scratch"
  else
    rm -rf "$scratch"
    return 1
  fi
}
