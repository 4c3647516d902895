//! The lifecycle on a virtual clock, with the service played by hand: its phases, its rules, its tabs, and every short way through it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answers;
mod codes;
mod creates;
mod handover;
mod leads;
mod lifecycle;
mod offers;
mod pace;
mod phases;
mod reading;
mod recordings;
mod search;
mod support;
mod tabs;
mod unlink;
