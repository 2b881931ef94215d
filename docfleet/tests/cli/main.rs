//! The program as a user calls it, with real fleets and real terminals.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod batches;
mod completions;
mod exit_codes;
mod keys;
mod looks;
mod operating;
mod support;
mod terminal;
mod up;
mod watching;
