//! Finds a document's fields.

pub mod handler;
