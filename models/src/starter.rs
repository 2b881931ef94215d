//! The classifier that docfleet uses before any document was labelled.
//!
//! `cargo run -p models --release --bin train-starter` trains it on generated texts; see `models/starter/README.md` for its
//! figures.

use crate::linear::LinearClassifier;
use crate::model_head::ModelError;

/// The categories of the starter classifier, alphabetically.
pub const STARTER_CATEGORIES: [&str; 6] = ["contract", "form", "invoice", "letter", "other", "receipt"];

static STARTER: &[u8] = include_bytes!("../starter/categories.safetensors");

/// Reads the built-in classifier for English, German and some French. Takes about a megabyte of memory and a few milliseconds.
pub fn starter_classifier() -> Result<LinearClassifier, ModelError> {
    LinearClassifier::from_bytes(STARTER)
}
