//! The broker against a real Postgres and a real Redis.

// Clippy recognises tests by their attribute, which helper functions lack.
#![allow(clippy::unwrap_used)]

mod apalis_source;
mod cancelling;
mod claiming;
mod ending;
mod enqueueing;
mod fairness;
mod losing_redis;
mod migrating;
mod model;
mod pausing;
mod plans;
mod retrying;
mod support;
mod traces;
mod waiting_in_line;
