//! The small server that keeps a SendAPI key out of the browser. With `--sandbox` it stands in for the whole service.
//!
//! The library is the binary's parts, open to its tests; it promises no stable interface.

pub mod api;
pub mod app;
pub mod check;
pub mod cli;
pub mod client;
pub mod config;
pub mod files;
mod host;
pub mod id;
pub mod json;
pub mod ledger;
pub mod mint;
pub mod secret;
pub mod server;
pub mod shape;
pub mod smoke;
pub mod telemetry;
pub mod token;
pub mod upstream;
