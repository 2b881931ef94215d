//! Determines the category of a document.

mod classifiers;
pub mod handler;
