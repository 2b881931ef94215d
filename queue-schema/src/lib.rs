//! The contract that every docfleet process agrees on. Pure: no runtime, no database, no network.

pub mod content_type;
pub mod document;
pub mod invariants;
pub mod migrations;
pub mod payload;
pub mod policy;
pub mod queue;
pub mod schedule;
pub mod state;
mod trace;
pub mod wake;

pub use payload::Payload;
pub use policy::Policy;
pub use queue::Queue;
pub use state::{Outcome, State};
pub use trace::TraceId;

/// A name that is in none of the tables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {name:?} is not known; known are {known}")]
pub struct UnknownName {
    pub what: &'static str,
    pub name: String,
    pub known: String,
}
