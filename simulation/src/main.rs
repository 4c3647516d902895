//! `cargo run --release -p sendapi-simulation`: the same as the root's example `simulate`, without building what runs in a browser.

fn main() -> std::process::ExitCode {
    sendapi_simulation::main(std::env::args().skip(1))
}
