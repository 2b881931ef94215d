//! The contract that every docfleet process agrees on. Pure: no runtime, no database, no network.

pub mod document;

/// A name that is in none of the tables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {name:?} is not known; known are {known}")]
pub struct UnknownName {
    pub what: &'static str,
    pub name: String,
    pub known: String,
}
