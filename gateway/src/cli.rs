//! The command line.

use crate::telemetry::Log;
use clap::{Args, Parser, Subcommand};

/// Keeps the SendAPI key out of the browser.
#[derive(Debug, Parser)]
#[command(
    name = "sendapi-gateway",
    version,
    about = "Keeps the SendAPI key out of the browser, and stands in for the whole service as a sandbox",
    args_conflicts_with_subcommands = true,
    after_long_help = "\
Environment:
  SENDAPI_KEY          the key (sk_live_...); never a flag, because flags show in process lists
  SENDAPI_TOKEN_KEYS   KID:BASE64[,KID:BASE64...], at least 32 bytes each: browsers must then carry a token
                       signed with one of them; without it the real service is served on loopback only
  REDIS_URL            redis://HOST:PORT or rediss://HOST:PORT: keep the record of who owns which session in Redis
                       or Valkey instead of --state, for many gateways
  SSL_CERT_FILE        PEM: the roots that a rediss:// server's certificate is checked against, instead of the system's
  SENDAPI_MINT_SECRET  at least 32 characters: POST /tokens then signs tokens for backends that send it as a
                       bearer token

Examples:
  sendapi-gateway --sandbox --listen 127.0.0.1:8080
  SENDAPI_KEY=sk_live_... sendapi-gateway --listen 127.0.0.1:8080
  SENDAPI_KEY=sk_live_... SENDAPI_TOKEN_KEYS=2026a:... \\
      sendapi-gateway --listen 0.0.0.0:8080 --origin https://app.example.org
  sendapi-gateway smoke
  sendapi-gateway check http://127.0.0.1:8080/api/whatsapp

Exit status: 0 after SIGINT or SIGTERM, 1 when it cannot serve (or a check failed), 2 for a bad configuration."
)]
pub struct Cli {
    /// Another job than serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to serve.
    #[command(flatten)]
    pub serve: Serve,
}

/// Other jobs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Walk the five routes of the service that SENDAPI_KEY names (or of the sandbox) and report each deviation
    ///
    /// Creates one session, reads it, asks for one new code, lists and deletes it. The report names fields and statuses;
    /// it never contains the key, a code or a phone number. Exit status 0 when the walk could be done.
    Smoke {
        /// Base URL of the service
        #[arg(long, value_name = "URL", default_value = "https://sendapi.co/v1")]
        upstream: String,
    },
    /// Test a backend for conformance with docs/backend.md, one line per rule
    ///
    /// Creates sessions under a few names and deletes them. Exit status 1 when a rule fails.
    Check(Check),
}

/// What to check, and as whom.
#[derive(Args, Debug)]
pub struct Check {
    /// The endpoint, as the element's `endpoint` attribute has it: sessions are at URL/sessions
    #[arg(value_name = "URL")]
    pub url: String,
    /// What signs a user in, such as `Authorization: Bearer ...` or `Cookie: ...`; repeatable. Requests of nobody go without,
    /// save for `Origin`, which names the pages that ask where they are of another origin than the URL
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// What signs a second user in, who must not reach the first one's sessions; repeatable
    #[arg(long = "other-header", value_name = "NAME: VALUE")]
    pub other_headers: Vec<String>,
    /// What every request needs, whoever sends it, such as a staging site's own password; repeatable
    #[arg(long = "every-header", value_name = "NAME: VALUE")]
    pub every_headers: Vec<String>,
}

/// What to serve, and how.
#[derive(Args, Debug)]
pub struct Serve {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Stand in for the service: no key, no network; adds /v1/whatsapp/... and /sandbox/...
    #[arg(long)]
    pub sandbox: bool,
    /// Serve files: DIR at /, or /prefix=DIR below a prefix; repeatable
    #[arg(long = "static", value_name = "[/PREFIX=]DIR")]
    pub statics: Vec<String>,
    /// The same for a folder whose files never change: its prefix names their version, so browsers keep them for a year and
    /// ask no more; repeatable
    #[arg(long = "immutable", value_name = "/PREFIX=DIR")]
    pub immutables: Vec<String>,
    /// Content-Security-Policy on static files
    #[arg(long, value_name = "POLICY", default_value = crate::files::DEFAULT_CSP, hide_default_value = true)]
    pub csp: String,
    /// An origin whose pages may call, such as `https://app.example.org`; repeatable. Pages of this server always may. Without
    /// SENDAPI_TOKEN_KEYS it is for a proxy whose own pages have that origin; others are refused
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub origins: Vec<String>,
    /// What a token's `aud` must be
    #[arg(long, value_name = "TEXT", default_value = "sendapi-gateway")]
    pub audience: String,
    /// Pass `webhook_url` of a browser's create on; refused otherwise
    #[arg(long)]
    pub allow_webhook_url: bool,
    /// Base URL of the service; plain http on loopback only
    #[arg(long, value_name = "URL", default_value = "https://sendapi.co/v1")]
    pub upstream: String,
    /// Connections served at once; more wait in the kernel's queue
    #[arg(long, value_name = "N", default_value_t = 4096)]
    pub max_connections: usize,
    /// Requests that one end user may make in a minute, on this machine; 0 for any number
    #[arg(long, value_name = "N", default_value_t = 600)]
    pub max_requests: u32,
    /// Calls to the service that these may cost (for creates, codes, deletes, lists, reads that must be fresh, and polls past
    /// the 30 that one widget may need), so that nobody uses up the key's rate alone; 0 for any number [default: a tenth of
    /// --max-requests, and at most a quarter of the key's rate]
    #[arg(long, value_name = "N")]
    pub max_calls: Option<u32>,
    /// Sessions that one end user may hold; 0 for any number [default: 3 with tokens, any number without]
    #[arg(long, value_name = "N")]
    pub max_sessions: Option<usize>,
    /// Delete a pending session that its browser has not asked for in this time; 0 never does
    #[arg(long, value_name = "SECONDS", default_value_t = 1800)]
    pub reap_after: u64,
    /// Part of the key's rate that polls leave for your own calls, such as sending messages
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=90))]
    pub reserve: u8,
    /// Keep the record of who owns which session in this file; `memory` forgets it at each stop [default: sessions.jsonl in
    /// $STATE_DIRECTORY, $XDG_STATE_HOME/sendapi-gateway or ~/.local/state/sendapi-gateway; memory with --sandbox]
    #[arg(long, value_name = "FILE")]
    pub state: Option<std::path::PathBuf>,
    /// What to write to standard error, as JSON lines
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t)]
    pub log: Log,
    /// Check flags and environment, say what would be served, and exit
    #[arg(long)]
    pub check_config: bool,
    /// Sandbox: life of a code
    #[arg(long, value_name = "SECONDS", requires = "sandbox")]
    pub qr_ttl: Option<f64>,
    /// Sandbox: sessions the account may hold [default: unlimited]
    #[arg(long, value_name = "N", requires = "sandbox")]
    pub quota: Option<u32>,
    /// Sandbox: requests per key and minute [default: 2000]
    #[arg(long, value_name = "N", requires = "sandbox")]
    pub rate: Option<u32>,
    /// Sandbox: seed of its ids, codes and numbers [default: from the clock]
    #[arg(long, value_name = "N", requires = "sandbox")]
    pub seed: Option<u64>,
}
