//! A linker for what ships to browsers: it takes dead weight out of the compiler's objects, then has the real linker link them.
//!
//! std is built to say what went wrong and where before it gives up. Here that reaches nobody: `wasm32-unknown-unknown` has no standard
//! error, and a panic ends in a trap whether or not words were made for it first. Yet the words, the places in the source (with the
//! paths of the machine that built it) and all of number and text formatting behind them would be a fifth of the download. So:
//!
//! 1. Functions of std that never return trap at once, and what is only handed to them is not linked.
//! 2. `Debug` says nothing, for want of a log, nor do the words that serde has for a value of the wrong type ([`is_muted`]).
//! 3. Bindings of libraries that are linked but not called ([`UNCALLED`]) are neither exported nor generated.
//!
//! It works on relocatable objects (WebAssembly tool conventions, "Linking"), where every reference is on record, so what becomes
//! unreachable is left to the real linker's own collection. Nothing here needs a nightly compiler or another std.
//!
//! `REAL_LINKER` names the real linker; every argument is rustc's.

mod code;
mod object;

use std::{env, fs, process};

use object::Object;

/// Libraries whose own exported classes are of no use here: `leptos` brings `wasm-streams` for server functions.
const UNCALLED: &[&str] = &["wasm-streams"];

/// Whether nobody reads what a function of this name writes. The older mangling spells paths out, the newer one counts their parts.
fn is_muted(name: &str) -> bool {
    let debug = ["core..fmt..Debug", "5Debug3fmt"];
    let unexpected = name.contains("serde_core") && name.contains("Unexpected");
    let holds = |part: &&str| name.contains(*part);
    debug.iter().any(holds) && name.contains("3fmt") || unexpected && name.contains("Display")
}

fn main() {
    match link(env::args().skip(1).collect()) {
        Ok(code) => process::exit(code),
        Err(words) => {
            eprintln!("link: {words}");
            process::exit(1);
        }
    }
}

fn link(arguments: Vec<String>) -> Result<i32, String> {
    let linker = env::var("REAL_LINKER").map_err(|_| "REAL_LINKER is not set")?;
    let mut uncalled = Vec::new();
    for path in arguments.iter().filter(|one| one.ends_with(".o")) {
        let bytes = fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        let Some(object) = Object::read(&bytes).map_err(|error| format!("{path}: {error}"))? else {
            continue;
        };
        let lean = object
            .without_last_words()
            .without_words(is_muted)
            .without_bindings(UNCALLED, &mut uncalled);
        fs::write(path, lean.write()).map_err(|error| format!("{path}: {error}"))?;
    }
    let status = process::Command::new(&linker)
        .args(without_exports(arguments, &uncalled))
        .status()
        .map_err(|error| format!("{linker}: {error}"))?;
    Ok(status.code().unwrap_or(1))
}

/// Leaves out `--export NAME` where the name ends with the mark that wasm-bindgen gives to all of a library's names.
fn without_exports(arguments: Vec<String>, marks: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let exports = kept.last().is_some_and(|before| before == "--export");
        if exports && marks.iter().any(|mark| argument.ends_with(mark)) {
            kept.pop();
        } else {
            kept.push(argument);
        }
    }
    kept
}
