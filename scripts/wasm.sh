# shellcheck shell=bash
# Sourced by what builds for the browser: one way to compile a package to wasm and to bind it to JavaScript.

# shellcheck source=scripts/setup/rust.sh
. "$scripts/setup/rust.sh"
# shellcheck source=scripts/setup/tools.sh
. "$scripts/setup/tools.sh"

ensure_wasm_build() {
  ensure_rust
  ensure_tool wasm-bindgen
  forget_other_std
}

# What was compiled against another build of std cannot be linked, and cargo does not see that it changed.
forget_other_std() {
  local stamp now built
  built=$(target_dir)/$wasm_target
  stamp=$built/.std
  now=$(rustc --version)$(ls -li "$(rustc --print target-libdir --target "$wasm_target")" | cksum)
  if [ -d "$built" ] && [ "$(cat "$stamp" 2>/dev/null)" != "$now" ]; then
    say "setup: std for $wasm_target is another one than before; building for it anew"
    rm -rf "$built"
  fi
  mkdir -p "$built"
  echo "$now" >"$stamp"
}

# Compiles with the profile that ships: cargo's options.
compile_wasm() {
  cargo build --target "$wasm_target" --profile wasm "$@" >&2
}

# The same for a library, as a lone cdylib linked by scripts/link. Alone, since cargo leaves link-time optimisation out where an rlib
# is asked for beside it.
link_lean() {
  local mark linker host
  mark=$(cat "$scripts"/link/*.rs | cksum | cut -d' ' -f1)
  # Its path changes with its sources: cargo looks at nothing else of a linker. Its name tells rustc which arguments it takes.
  linker=$(target_dir)/link-$mark/wasm-ld
  if [ ! -x "$linker" ]; then
    mkdir -p "${linker%/*}"
    rustc --edition 2024 -O "$scripts/link/main.rs" -o "$linker.new"
    mv "$linker.new" "$linker"
  fi
  host=$(rustc --version --verbose | sed -n 's/^host: //p')
  REAL_LINKER=${CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER:-$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld} \
    cargo rustc --locked --target "$wasm_target" --profile wasm --crate-type cdylib "$@" -- -C linker="$linker" >&2
}

# $1 the module that cargo made, $2 the folder for its bindings, $3 their name; then options of wasm-bindgen.
bind_wasm() {
  local module=$1 out=$2 name=$3
  shift 3
  [ "$out/${name}_bg.wasm" -nt "$module" ] && [ "$out/$name.js" -nt "$module" ] && return
  wasm-bindgen --target web --out-dir "$out" --out-name "$name" "$@" "$module"
  # It leaves a file alone whose text is the same, which would then seem older than the module for ever.
  touch "$out/${name}_bg.wasm" "$out/$name.js"
}
