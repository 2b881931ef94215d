//! The documents page in a real Chromium, by a clerk's means: drop, look, point, press. Rows stand in for the fleet; with a
//! real one the page is seen in tests/tests/fleet.

// Clippy knows tests by their attribute, and helpers have none.
#![allow(clippy::unwrap_used)]

mod acting;
#[path = "../common/mod.rs"]
mod common;
mod looking;
mod readable;
mod searching;
mod signing_in;
mod uploading;
