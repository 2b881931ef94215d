//! Documents and the flow of their stages against a real Postgres, a real Redis and a folder.

mod content;
mod creating;
mod ending;
mod flowing;
mod pages_that_fail;
mod support;
mod viewing;
