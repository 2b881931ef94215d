//! A page's words: read from its text layer where that is good, recognised in its pixels otherwise.
//!
//! [`read_page`] is what the worker's handler calls; everything else serves it. `OMP_THREAD_LIMIT=1` must be in the
//! environment before the process starts, else Tesseract's threads fight over the cores (measured: 6 times slower).

pub mod handler;
mod ink;
mod orientation;
mod pace;
mod prepare;
mod read;
mod recogniser;

pub use read::{ReadOptions, read_page, unreadable_page};
pub use recogniser::{Layout, PixelWord, RecogniseError, Recognised, Recogniser};
