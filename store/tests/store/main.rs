//! Documents and the flow of their stages against a real Postgres, a real Redis and a folder.

// Clippy knows tests by their attribute, and helpers have none.
#![allow(clippy::unwrap_used)]

mod content;
mod creating;
mod ending;
mod finding;
mod flowing;
mod pages_that_fail;
mod support;
mod sweeping;
mod viewing;
