//! `sendapi-gateway`: see `--help`.

use clap::Parser as _;
use sendapi_gateway::app;
use sendapi_gateway::check::{self, Outcome};
use sendapi_gateway::cli::{Check, Cli, Command, Serve};
use sendapi_gateway::config::{self, Config, Service, Store};
use sendapi_gateway::ledger::{Journal, Ledger, Local, Remote, Seal};
use sendapi_gateway::secret::Secret;
use sendapi_gateway::upstream::unix_ms;
use sendapi_gateway::{server, smoke};
use std::io::{self, Write as _};
use std::process::ExitCode;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("cannot start: {error}")),
    };
    match cli.command {
        None => runtime.block_on(serve(&cli.serve)),
        Some(Command::Smoke { upstream }) => runtime.block_on(smoke(&upstream)),
        Some(Command::Check(flags)) => runtime.block_on(check(&flags)),
    }
}

/// One line on standard error and an exit status.
fn fail(status: u8, message: &str) -> ExitCode {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "sendapi-gateway: {message}");
    ExitCode::from(status)
}

async fn smoke(upstream: &str) -> ExitCode {
    let (upstream, of) = match config::smoke_target(upstream, |name| std::env::var_os(name)) {
        Ok(target) => target,
        Err(error) => return fail(2, &error.to_string()),
    };
    let report = smoke::walk(&upstream).await;
    if write!(io::stdout(), "service: {of}\n{report}").is_err() {
        return ExitCode::FAILURE;
    }
    if report.walked() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn check(flags: &Check) -> ExitCode {
    let lines = match check::check(flags).await {
        Ok(lines) => lines,
        Err(error) => return fail(2, &error.to_string()),
    };
    let mut out = io::stdout();
    for line in &lines {
        if writeln!(out, "{line}").is_err() {
            return ExitCode::FAILURE;
        }
    }
    let failed = lines
        .iter()
        .any(|line| matches!(line.outcome, Outcome::Fail(_)));
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

async fn serve(flags: &Serve) -> ExitCode {
    let config = match Config::new(flags, |name| std::env::var_os(name)) {
        Ok(config) => config,
        Err(error) => return fail(2, &error.to_string()),
    };
    if flags.check_config {
        return if writeln!(io::stdout(), "configuration is sound: {}", config.summary()).is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let ledger = match open(&config).await {
        Ok(ledger) => ledger,
        Err(message) => return fail(1, &message),
    };
    let listen = config.listen;
    let listener = match TcpListener::bind(listen).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            let port = listen.port();
            let next = port.checked_add(1).unwrap_or(8080);
            return fail(
                1,
                &format!(
                    "port {port} on {} is in use: stop what uses it, or choose another with PORT={next} (make) or --listen {}",
                    listen.ip(),
                    std::net::SocketAddr::new(listen.ip(), next),
                ),
            );
        }
        Err(error) => return fail(1, &format!("cannot listen on {listen}: {error}")),
    };
    let stop = match stop_signal() {
        Ok(stop) => stop,
        Err(error) => return fail(1, &format!("cannot wait for signals: {error}")),
    };
    let address = listener.local_addr().unwrap_or(listen);
    let max_connections = config.max_connections;
    let app = app::router(config, ledger);
    let mut out = io::stdout();
    if writeln!(out, "ready: http://{address}/")
        .and_then(|()| out.flush())
        .is_err()
    {
        return fail(1, "cannot write to standard output");
    }
    server::serve(listener, app, max_connections, stop).await;
    ExitCode::SUCCESS
}

/// Opens the record of session owners.
async fn open(config: &Config) -> Result<Ledger, String> {
    match &config.store {
        Store::Memory => Ok(Ledger::Local(Local::default())),
        Store::File(path) => {
            let journal = Journal::open(path)
                .map_err(|error| format!("--state {}: {error}", path.display()))?;
            Ok(Ledger::Local(Local::restore(journal, unix_ms())))
        }
        Store::Redis(url) => {
            let secret = match &config.service {
                Service::Live { key, .. } => key.clone(),
                // Its codes are toys, and no other process knows them.
                Service::Sandbox(_) => Secret::new("sandbox".to_owned()),
            };
            let seal = Seal::of(&secret).ok_or("the key for shared codes cannot be made")?;
            let remote = Remote::connect(url.expose(), seal).await;
            remote
                .map(Ledger::Remote)
                .map_err(|error| error.to_string())
        }
    }
}

#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a signal to wait for, the process is stopped from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
