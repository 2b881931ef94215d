//! The dashboard before a real Postgres and a real Redis: what it says, what it does, and what it refuses.

// Clippy knows tests by their attribute, and helpers have none.
#![allow(clippy::unwrap_used)]

mod access;
mod actions;
mod dead_letters;
mod lists;
mod outside;
mod pages;
mod reasons;
mod scans;
#[allow(dead_code, reason = "shared with the tests in a browser")]
mod support;
mod warnings;
