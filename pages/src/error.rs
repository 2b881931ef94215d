//! Constructors for the errors of this crate.

use queue_schema::document::{DocumentError, ErrorCode};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) fn corrupt(what: impl std::fmt::Display) -> DocumentError {
    DocumentError::new(
        ErrorCode::CorruptFile,
        format!("{what}. Export or scan the document again and upload it anew."),
    )
}

/// Adds the page number. `n` counts from 0, as everywhere in this crate; people count from 1.
pub(crate) fn on_page(mut error: DocumentError, n: usize) -> DocumentError {
    error.page = u32::try_from(n + 1).ok();
    error
}

pub(crate) fn too_many_pages(count: usize, limit: usize) -> DocumentError {
    DocumentError::new(
        ErrorCode::TooManyPages,
        format!("The document has {count} pages or more; the limit is {limit}. Split it and upload the parts."),
    )
}

pub(crate) fn page_too_large(what: impl std::fmt::Display) -> DocumentError {
    DocumentError::new(
        ErrorCode::PageTooLarge,
        format!("{what}. Upload it at a lower resolution or split it."),
    )
}

pub(crate) fn too_many_pixels(width: u32, height: u32, limit: u64) -> DocumentError {
    page_too_large(format_args!(
        "The image is {width} x {height} pixels, more than the limit of {} million",
        limit / 1_000_000
    ))
}

/// Runs a parser on hostile input. A panic is reported as a corrupt file.
///
/// State that a panic may have left half-done is not reused: callers pass in what they build, and drop it.
pub(crate) fn guarded<T>(what: &str, parse: impl FnOnce() -> Result<T, DocumentError>) -> Result<T, DocumentError> {
    catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| Err(corrupt(format_args!("{what} could not be parsed"))))
}
