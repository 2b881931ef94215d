//! The beat against a real Postgres and a real Redis.

// Clippy knows tests by their attribute, and helpers have none.
#![allow(clippy::unwrap_used)]

mod duties;
mod schedules;
mod together;
