//! The scheduler against a real Postgres and a real Redis.

// Clippy recognises tests by their attribute, which helper functions lack.
#![allow(clippy::unwrap_used)]

mod duties;
mod schedules;
mod together;
