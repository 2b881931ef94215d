//! Documents and the flow of their stages against a real Postgres, a real Redis and an object store in a folder.

// Clippy recognises tests by their attribute, which helper functions lack.
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
