//! Tells what kind of document it is.

pub mod handler;
