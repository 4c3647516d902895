//! Goes through a `diagnostics()` again: `cargo run -p sendapi-pairing-core --example replay -- FILE` (`-` for standard input).
//!
//! Prints the phase after each input. Exits with 1 where a phase differs from the one recorded, with 2 on anything that is no recording.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program's output"
)]

use std::{io::Read as _, process::ExitCode};

use sendapi_pairing_core::pairing::replay;
use serde_json::Value;

fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("replay FILE (- for standard input)");
        return ExitCode::from(2);
    };
    match read(&file).and_then(|text| parse(&text)) {
        Ok((state, inputs)) => run(&state, &inputs),
        Err(problem) => {
            eprintln!("{file}: {problem}");
            ExitCode::from(2)
        }
    }
}

fn read(file: &str) -> Result<String, String> {
    let mut text = String::new();
    let read = if file == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(file).map(|whole| text = whole)
    };
    read.map(|()| text).map_err(|error| error.to_string())
}

fn parse(text: &str) -> Result<(Vec<u64>, Vec<[u64; 6]>), String> {
    let json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if json["version"] != 1 {
        return Err("not a recording of version 1".into());
    }
    let state = numbers(&json["state"]).ok_or("no state")?;
    let inputs = json["inputs"].as_array().ok_or("no inputs")?;
    let inputs = inputs
        .iter()
        .map(|input| numbers(input)?.try_into().ok())
        .collect::<Option<_>>();
    Ok((state, inputs.ok_or("an input that is none")?))
}

fn numbers(list: &Value) -> Option<Vec<u64>> {
    list.as_array()?.iter().map(Value::as_u64).collect()
}

fn run(state: &[u64], inputs: &[[u64; 6]]) -> ExitCode {
    let (mut at, mut differing) = (0, 0);
    replay(state, inputs, |time, recorded, phase| {
        let kind = inputs[at][1];
        let same = recorded == Some(phase);
        let was = recorded.map_or("?", |recorded| recorded.as_str());
        let note = if same {
            String::new()
        } else {
            format!(" (recorded: {was})")
        };
        println!(
            "{:>12} ms  input {kind:>2}  {}{note}",
            time.0,
            phase.as_str()
        );
        differing += u32::from(!same);
        at += 1;
    });
    println!("{at} inputs, {differing} differing");
    if differing == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
