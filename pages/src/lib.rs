//! Contents of an uploaded file: its pages, their pixels and their text layer.
//!
//! File types are detected by content, never by name. Limits are checked on headers, before pixels are decoded. Shapes and
//! boxes are those of the page as displayed (after the file's own rotation), in 1/72 inch from its top left.
//!
//! This crate parses hostile input and is meant to run inside a worker's sandboxed child: a bad file is an error with a
//! code, a bad page fails that page only, and a parser's panic is caught and reported as a corrupt file.

mod density;
mod document;
mod error;
mod limits;
mod pdf;
mod pixels;
mod poppler;
mod raster;
mod shape;
mod text;
mod tiff_file;

pub use document::Document;
pub use limits::Limits;
pub use pixels::{Pixels, scaled};
pub use poppler::PROGRAMS;
pub use queue_schema::content_type::{ContentType, HEAD_BYTES, detect};
pub use shape::PageShape;
pub use text::TextLayer;
