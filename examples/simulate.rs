//! Whole pairings on virtual time: `cargo run --release --example simulate -- --runs N --seed S`.
//!
//! The same program as `cargo run --release -p sendapi-simulation`, which builds without the browser's part.

fn main() -> std::process::ExitCode {
    sendapi_simulation::main(std::env::args().skip(1))
}
