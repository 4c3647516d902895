# shellcheck shell=bash
# A Rust with the wasm32 target out of Debian's packages, for machines where rustup may not or cannot download.
#
# Debian ships the compiler and std's source but no std built for wasm32. We build that once, and set a toolchain around it in cargo's
# folder: wrappers that hand the compiler its own sysroot, so that nothing under /usr is touched and no flag has to be remembered.

# shellcheck source=scripts/setup/apt.sh
. "$scripts/setup/apt.sh"

debian_rust_packages=(rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy lld-22)

ensure_rust_from_debian() {
  # The shims of rustup must answer for what they are now, not for a toolchain that we set up earlier.
  if ! ensure_packages "${debian_rust_packages[@]}"; then
    die "setup: this rustc has no std for $wasm_target (or is older than Cargo.toml asks). Run: rustup update stable && rustup target add $wasm_target — or, as root on Debian: apt-get install ${debian_rust_packages[*]}"
  fi
  local version toolchain
  version=$(/usr/bin/rustc --version --verbose | sed -n 's/^release: //p')-$(/usr/bin/rustc --version --verbose | sed -n 's/^commit-hash: \(.\{9\}\).*/\1/p')
  toolchain=$cache/rust-$version
  [ -x "$toolchain/bin/rustc" ] || locked rust build_toolchain "$toolchain"
  use_toolchain "$toolchain"
  target_is_usable || die "setup: the toolchain in $toolchain does not work; delete that folder and run this again."
}

# Steers this checkout to the toolchain: our scripts by PATH, cargo and trunk typed by hand by the file that rustup's shims read.
use_toolchain() {
  if [ -f "$toolchain_file" ] && ! grep -qxF "$toolchain_mark" "$toolchain_file"; then
    say "setup: rust-toolchain.toml is yours, so it stays; for cargo typed by hand: export PATH=$1/bin:\$PATH"
  else
    printf '%s\n[toolchain]\npath = "%s"\n' "$toolchain_mark" "$1" >"$toolchain_file"
  fi
  prepend_path "$1/bin"
  hash -r
}

build_toolchain() {
  local toolchain=$1 scratch start
  [ -x "$toolchain/bin/rustc" ] && return
  start=$(date +%s)
  say "setup: building std for $wasm_target (about a minute, once)…"
  scratch=$(mktemp -d "$cache/building.XXXXXX")
  trap 'rm -rf "$scratch"' RETURN
  build_std "$scratch/std"
  lay_out_toolchain "$scratch/std" "$scratch/toolchain" "$toolchain"
  mv "$scratch/toolchain" "$toolchain"
  rm -rf "$scratch"
  say "setup: the Rust with $wasm_target is ready ($(since "$start"))"
}

# std's own source, at its stock release profile. Bitcode is kept, since fat LTO reads it.
build_std() {
  local crate=$1
  mkdir -p "$crate/src"
  printf '[package]\nname = "sysroot"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n' >"$crate/Cargo.toml"
  : >"$crate/src/lib.rs"
  (
    cd "$crate"
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR CARGO_ENCODED_RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER
    PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS='-Cembed-bitcode=yes -Zforce-unstable-if-unmarked' \
      /usr/bin/cargo build --release --target "$wasm_target" -Zbuild-std=std,panic_abort,test,proc_macro --target-dir target >&2
  )
}

# $1 the crate that built std, $2 where to lay out, $3 where it will stand in the end.
lay_out_toolchain() {
  local built=$1/target/$wasm_target/release/deps out=$2 final=$3 host lib tool path
  host=$(/usr/bin/rustc --version --verbose | sed -n 's/^host: //p')
  mkdir -p "$out/bin" "$out/lib/rustlib/$wasm_target/lib" "$out/lib/rustlib/$host/bin"
  for lib in "$built"/*.rlib; do
    case $lib in */libsysroot-*) ;; *) cp "$lib" "$out/lib/rustlib/$wasm_target/lib/" ;; esac
  done
  ln -s "/usr/lib/rustlib/$host/lib" "$out/lib/rustlib/$host/lib"
  ln -s /usr/lib/rustlib/src "$out/lib/rustlib/src"
  # The linker that rustc looks for in a sysroot when the target is wasm.
  ln -s /usr/bin/rust-lld "$out/lib/rustlib/$host/bin/rust-lld"
  for tool in rustc rustdoc; do
    printf '#!/bin/sh\nexec /usr/bin/%s --sysroot "%s" "$@"\n' "$tool" "$final" >"$out/bin/$tool"
  done
  printf '#!/bin/sh\nSYSROOT="%s" exec /usr/bin/clippy-driver "$@"\n' "$final" >"$out/bin/clippy-driver"
  chmod +x "$out"/bin/*
  ln -s /usr/bin/cargo "$out/bin/cargo"
  # A copy: it takes the clippy-driver that lies beside it.
  cp /usr/bin/cargo-clippy "$out/bin/cargo-clippy"
  # Debian has no formatter for this release; the stock one formats the same.
  for tool in rustfmt cargo-fmt; do
    path=$( (cd / && have rustup && rustup which "$tool") 2>/dev/null || command -v "$tool" || true)
    if [ -n "$path" ]; then ln -s "$path" "$out/bin/$tool"; fi
  done
}
