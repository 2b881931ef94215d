//! Reads a page's words from its text layer if that is good, and otherwise recognises them in its pixels.
//!
//! The worker's handler calls [`read_page`]; everything else serves it. `OMP_THREAD_LIMIT=1` must be in the environment before
//! the process starts, otherwise Tesseract's threads compete for the cores (measured: 6 times slower).

pub mod handler;
mod ink;
mod orientation;
mod pace;
mod prepare;
mod read;
mod recogniser;

pub use read::{ReadOptions, read_page, unreadable_page};
pub use recogniser::{Layout, PixelWord, RecogniseError, Recognised, Recogniser};
