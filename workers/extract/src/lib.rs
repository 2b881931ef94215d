//! Extracts the fields of a document.

pub mod handler;
