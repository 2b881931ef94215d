//! Tells what kind of document it is.

mod classifiers;
pub mod handler;
