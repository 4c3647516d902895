//! The JavaScript face (feature `js`): what `pkg/` wraps.
//!
//! Small on purpose. Events, properties, iteration and loading are JavaScript's own affair and live in `pkg/*.js`; what is here takes
//! plain values, drives the core, and hands plain objects back.

mod client;
mod errors;
mod options;
mod pairing;
mod qr;
mod reader;
mod values;
