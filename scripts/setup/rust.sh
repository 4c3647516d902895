# shellcheck shell=bash
# Makes sure that the cargo and rustc on PATH can build for wasm32-unknown-unknown.

wasm_target=wasm32-unknown-unknown

# The compiler at hand has std for the target.
target_is_usable() {
  local libs
  libs=$(rustc --print target-libdir --target "$wasm_target" 2>/dev/null) || return 1
  compgen -G "$libs/libstd-*.rlib" >/dev/null
}

# $1 is at least $2, both dotted versions.
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

compiler_is_recent() {
  local wanted found
  wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)
  found=$(rustc --version | cut -d' ' -f2 | cut -d- -f1)
  version_at_least "$found" "$wanted"
}

rustup_may_download() { have rustup && [ "${RUSTUP_AUTO_INSTALL:-1}" != 0 ]; }

ensure_cargo() {
  { have cargo && have rustc; } || die "setup: no cargo here. Get Rust from https://rustup.rs (curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh), then run this again."
}

ensure_rust() {
  ensure_cargo
  if compiler_is_recent && target_is_usable; then
    return
  fi
  if rustup_may_download && compiler_is_recent; then
    say "setup: rustup target add $wasm_target"
    if rustup target add "$wasm_target" && target_is_usable; then
      return
    fi
    say "setup: rustup could not bring the target; trying Debian's packages."
  fi
  # shellcheck source=scripts/setup/rust-debian.sh
  . "$scripts/setup/rust-debian.sh"
  ensure_rust_from_debian
}
