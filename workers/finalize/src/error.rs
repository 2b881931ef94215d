//! The two errors of making deliverables that are not caused by the document.

use queue_schema::document::{DocumentError, ErrorCode, Stage};
use std::fmt::Display;
use std::io;
use std::path::Path;

pub(crate) fn internal(what: impl Display) -> DocumentError {
    let mut error = DocumentError::new(ErrorCode::Internal, what.to_string());
    error.stage = Some(Stage::Finalize);
    error
}

pub(crate) fn unwritten(error: io::Error) -> DocumentError {
    internal(format_args!(
        "A result could not be written ({error}). Check that the worker's disk has room, then retry the document."
    ))
}

pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> DocumentError {
    move |error| {
        internal(format_args!(
            "{} could not be read or written ({error}). Check the worker's disk, then retry the document.",
            path.display()
        ))
    }
}
